/** What is in the page's address: the view, and the values that its view reads by name. */
export interface Address {
  /** The view's name; `search` where the address names none. */
  readonly view: string;
  readonly values: Pick<URLSearchParams, 'get' | 'getAll' | 'has'>;
}

/** New values by name; undefined, an empty text or an empty list takes a value away. */
export type Changes = Readonly<Record<string, string | number | readonly (string | number)[] | undefined>>;

export const DEFAULT_VIEW = 'search';

/** @param search the part of an address from its question mark on */
export function addressOf(search: string): Address {
  const values = new URLSearchParams(search);
  return { view: values.get('view') ?? DEFAULT_VIEW, values };
}

/**
 * An address with changes, for a link.
 * @param search what it is based on; '' for an address that has the changes alone
 */
export function hrefOf(changes: Changes, search = ''): string {
  const values = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    values.delete(name);
    for (const one of [value ?? []].flat()) if (one !== '') values.append(name, String(one));
  }
  if (values.get('view') === DEFAULT_VIEW) values.delete('view');
  const text = values.toString();
  return text === '' ? '/' : `/?${text}`;
}
