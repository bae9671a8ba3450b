import { type Filter, KINDS } from '../query/query.ts';
import { nearOf, queryOf } from '../query/queryAddress.ts';

/** A filter as values of the form's fields; all kinds where it names none. */
export function valuesOf({ from, to, folder, minSide, maxSide, kinds, near }: Filter): [string, string[]][] {
  const one = (value: string | number | undefined) => (value === undefined ? [] : [String(value)]);
  return [
    ['from', one(from)],
    ['to', one(to)],
    ['folder', one(folder)],
    ['min', one(minSide)],
    ['max', one(maxSide)],
    ['place', near ? [`${near.latitude}, ${near.longitude}`] : []],
    ['kilometres', one(near?.kilometres)],
    ['kind', [...(kinds ?? KINDS)]],
  ];
}

/** The filter of a filled form. */
export function filterValues(form: FormData): Filter {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const values = new URLSearchParams();
  for (const name of ['from', 'to', 'folder', 'min', 'max']) values.set(name, text(name));
  for (const kind of form.getAll('kind')) values.append('kind', String(kind));
  const place = text('place').replaceAll(' ', '');
  const near = place === '' ? '' : [place, text('kilometres') || '10'].join(',');
  if (nearOf(near)) values.set('near', near);
  return queryOf({ view: '', values }).filter;
}
