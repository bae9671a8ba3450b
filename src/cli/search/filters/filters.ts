import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { PictureFilter } from '../../../search/collection/filter.ts';
import { PICTURE_KINDS } from '../../../search/collection/picture.ts';
import { UsageError } from '../../support/errors.ts';
import { DATE_FORMS, timeSpan } from './dates.ts';
import { each } from './each.ts';
import { PLACE_FORM, placeOf } from './places.ts';
import { pictureSize, SIZE_FORMS } from './sizes.ts';

/** A text that `read` understands. */
const readable = <T>(read: (text: string) => T | undefined, expected: string) =>
  z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });

const date = readable(timeSpan, DATE_FORMS).optional();
const sizes = z.array(readable(pictureSize, SIZE_FORMS)).optional();

/** Options that say which pictures are looked at. */
export const filterFields = {
  from: date,
  before: date,
  on: date,
  folder: z.string().min(1, 'expected a folder').optional(),
  near: readable(placeOf, PLACE_FORM).optional(),
  minSize: sizes,
  maxSize: sizes,
  kind: z.array(z.enum(PICTURE_KINDS, `expected one of ${PICTURE_KINDS.join(', ')}`)).optional(),
};

const schema = z.object(filterFields);
export type FilterOptions = z.output<typeof schema>;

/** Adds the options of {@link filterFields}. */
export const withFilters = (command: Command): Command =>
  command
    .option(
      '--from <date>',
      'taken then or later: 2024, 2024-05, 2024-05-03 or 2024-05-03T14:30 (files without a date in them: last changed)',
    )
    .option('--before <date>', 'taken before then')
    .option('--on <date>', 'taken in that year, in that month, or on that day')
    .option('--folder <dir>', 'in this folder or below it')
    .option('--near <lat,lon[,km]>', 'taken so near to a place, in degrees (default: 10 km)')
    .option(
      '--min-size <size>',
      'at least 800px on the shorter side, or 500kB, 1.5MB of file; may be repeated',
      each,
    )
    .option('--max-size <size>', 'at most so large; may be repeated', each)
    .option('--kind <kind>', `${PICTURE_KINDS.join(', ')}; may be repeated`, each);

type Times = Pick<PictureFilter, 'from' | 'before'>;

function timesOf({ from, before, on }: FilterOptions): Times {
  if (on && (from || before))
    throw new UsageError('--on is a whole time; give it without --from and --before');
  if (on) return on;
  if (from && before && from.from >= before.from)
    throw new UsageError('--from is not before --before: no picture can be between them');
  return { ...(from && { from: from.from }), ...(before && { before: before.from }) };
}

function sizesOf({
  minSize = [],
  maxSize = [],
}: FilterOptions): Pick<PictureFilter, 'minSide' | 'maxSide' | 'minBytes' | 'maxBytes'> {
  const value = (sizes: typeof minSize, unit: string) => sizes.find((size) => size.unit === unit)?.value;
  return {
    minSide: value(minSize, 'pixels'),
    maxSide: value(maxSize, 'pixels'),
    minBytes: value(minSize, 'bytes'),
    maxBytes: value(maxSize, 'bytes'),
  };
}

/** The filter that options ask for; undefined where they ask for all pictures. @throws UsageError where they contradict */
export function filterOf(options: FilterOptions): PictureFilter | undefined {
  const { folder, near, kind } = options;
  const filter: PictureFilter = {
    ...timesOf(options),
    ...sizesOf(options),
    folder: folder === undefined ? undefined : resolve(folder),
    near,
    kinds: kind,
  };
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
