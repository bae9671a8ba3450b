import type { PictureFilter } from '../../collection/filter.ts';
import { folderRange } from '../../collection/paths.ts';
import { onSphere, squaredChord } from '../../collection/place.ts';

/** What differs between databases in a condition. */
export interface Dialect {
  /** Stands for the n-th value of a statement, counted from 1. */
  placeholder(n: number): string;
  /** Whether a whole number is in the list for which `placeholder` stands. */
  isIn(expression: string, placeholder: string): string;
  /** A list of whole numbers as a value of a statement. */
  list(ids: readonly number[]): unknown;
}

/** A condition on pictures and the values that it needs. */
export interface Where {
  /** SQL without WHERE, e.g. `p.bytes >= ?`; `TRUE` where every picture is meant. */
  readonly sql: string;
  readonly values: readonly unknown[];
}

/**
 * A filter as a condition on `pictures AS p`.
 * @param first the number of the first value in its statement
 */
export function pictureWhere(filter: PictureFilter, dialect: Dialect, first = 1): Where {
  const values: unknown[] = [];
  const bind = (value: unknown): string => dialect.placeholder(first - 1 + values.push(value));
  const parts = [
    ...compare('p.moment', '>=', filter.from, bind),
    ...compare('p.moment', '<', filter.before, bind),
    ...compare('p.bytes', '>=', roundUp(filter.minBytes), bind),
    ...compare('p.bytes', '<=', roundDown(filter.maxBytes), bind),
    ...compare('p.side', '>=', roundUp(filter.minSide), bind),
    ...compare('p.side', '<=', roundDown(filter.maxSide), bind),
    ...inFolder(filter.folder, bind),
    ...isNear(filter.near, bind),
    ...ofKinds(filter.kinds, bind),
    ...without(filter.without, dialect, bind),
  ];
  return { sql: parts.length === 0 ? 'TRUE' : parts.join(' AND '), values };
}

/** The least and the most whole number that a column of whole numbers is compared with; databases refuse others. */
const clamp = (value: number): number =>
  Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
const roundUp = (value: number | undefined) => (value === undefined ? undefined : clamp(Math.ceil(value)));
const roundDown = (value: number | undefined) => (value === undefined ? undefined : clamp(Math.floor(value)));

type Bind = (value: unknown) => string;

const compare = (column: string, operator: string, value: number | undefined, bind: Bind): string[] =>
  value === undefined ? [] : [`${column} ${operator} ${bind(value)}`];

/** As a range of paths: no sign in a path means anything else there, as `%` and `_` do in LIKE. */
function inFolder(folder: string | undefined, bind: Bind): string[] {
  if (folder === undefined) return [];
  const { path, from, before } = folderRange(folder);
  return [
    `p.file IN (SELECT id FROM files WHERE path = ${bind(path)}
      UNION ALL SELECT id FROM files WHERE path >= ${bind(from)} AND path < ${bind(before)})`,
  ];
}

/** The sums of `matches`, in its order, so that stores agree to the bit; z (the latitude) is a range for the index. */
function isNear(near: PictureFilter['near'], bind: Bind): string[] {
  if (near === undefined) return [];
  const chord = squaredChord(near.kilometres);
  if (chord === Number.POSITIVE_INFINITY) return ['p.z IS NOT NULL'];
  const [x, y, z] = onSphere(near.latitude, near.longitude);
  const square = (column: string, value: number) =>
    `(${column} - ${bind(value)}) * (${column} - ${bind(value)})`;
  // Wider by more than rounding can be.
  const reach = Math.sqrt(chord) + 1e-9;
  const band = `p.z >= ${bind(z - reach)} AND p.z <= ${bind(z + reach)}`;
  return [`${band} AND ${square('p.x', x)} + ${square('p.y', y)} + ${square('p.z', z)} <= ${bind(chord)}`];
}

const ofKinds = (kinds: PictureFilter['kinds'], bind: Bind): string[] => {
  if (kinds === undefined) return [];
  return kinds.length === 0 ? ['FALSE'] : [`p.kind IN (${kinds.map(bind).join(', ')})`];
};

const without = (ids: PictureFilter['without'], dialect: Dialect, bind: Bind): string[] =>
  ids === undefined || ids.length === 0 ? [] : [`NOT (${dialect.isIn('p.id', bind(dialect.list(ids)))})`];
