import type { StoredFile, StoredVectors } from '../../collection/collection.ts';
import type { PictureFilter } from '../../collection/filter.ts';
import type { Picture } from '../../collection/picture.ts';
import { FROM_PICTURES, PICTURE_SELECTION, toFile, toPicture } from '../sql/pictureRow.ts';
import { type Dialect, pictureWhere } from '../sql/pictureWhere.ts';
import { vectorTable } from '../sql/schema.ts';
import type { Connection, Row, SqlValue } from './drivers/connection.ts';

const DIALECT: Dialect = {
  placeholder: () => '?',
  isIn: (expression, list) => `${expression} IN (SELECT value FROM json_each(${list}))`,
  list: (ids) => JSON.stringify(ids),
};

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

function condition(filter: PictureFilter = {}): Condition {
  const { sql, values } = pictureWhere(filter, DIALECT);
  // Numbers and texts are all that the dialect makes.
  return { sql, values: values as SqlValue[] };
}

export const readVersion = (connection: Connection): number =>
  Number(connection.all('SELECT version FROM state')[0]!.version);

export function countPictures(connection: Connection, filter?: PictureFilter): number {
  const { sql, values } = condition(filter);
  return Number(connection.all(`SELECT count(*) AS n FROM pictures AS p WHERE ${sql}`, values)[0]!.n);
}

/** How many of some ids, each of which is named once, are of pictures. */
export function countIds(connection: Connection, ids: readonly number[]): number {
  if (ids.length === 0) return 0;
  const [row] = connection.all(`SELECT count(*) AS n FROM pictures AS p WHERE ${DIALECT.isIn('p.id', '?')}`, [
    JSON.stringify(ids),
  ]);
  return Number(row!.n);
}

export function listPictures(
  connection: Connection,
  {
    filter,
    after = 0,
    limit,
  }: { filter?: PictureFilter | undefined; after?: number | undefined; limit: number },
): Picture[] {
  const { sql, values } = condition(filter);
  const rows = connection.all(
    `SELECT ${PICTURE_SELECTION} FROM ${FROM_PICTURES} WHERE ${sql} AND p.id > ? ORDER BY p.id LIMIT ?`,
    [...values, after, limit],
  );
  return rows.map(toPicture);
}

/** In the order of the ids, without those that are gone. */
export function picturesById(connection: Connection, ids: readonly number[]): Picture[] {
  const rows = connection.all(
    `SELECT ${PICTURE_SELECTION} FROM ${FROM_PICTURES} WHERE ${DIALECT.isIn('p.id', '?')}`,
    [JSON.stringify(ids)],
  );
  const found = new Map(rows.map(toPicture).map((picture) => [picture.id, picture]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** Ids of the pictures that a filter means, in no order. As one text: a row for each would take five times as long. */
export function idsOf(connection: Connection, filter: PictureFilter): number[] {
  const { sql, values } = condition(filter);
  const [row] = connection.all(`SELECT group_concat(p.id) AS ids FROM pictures AS p WHERE ${sql}`, values);
  return typeof row?.ids === 'string' ? row.ids.split(',').map(Number) : [];
}

/** Rows with `picture` and `vector` as one piece. */
export function toVectors(rows: readonly Row[], width: number): StoredVectors {
  const bytes = new Uint8Array(rows.length * width * 2);
  rows.forEach(({ vector }, row) => {
    if (vector instanceof Uint8Array) bytes.set(vector, row * width * 2);
  });
  return { ids: rows.map(({ picture }) => Number(picture)), vectors: new Uint16Array(bytes.buffer) };
}

/** Vectors of some pictures, in no order. */
export function vectorRows(connection: Connection, model: number, ids: readonly number[]): Row[] {
  const list = JSON.stringify(ids);
  return connection.all(
    `SELECT picture, vector FROM ${vectorTable(model)} WHERE ${DIALECT.isIn('picture', '?')}`,
    [list],
  );
}

/** In the order of the ids, without pictures that have none. */
export function vectorsById(
  connection: Connection,
  model: number,
  width: number,
  ids: readonly number[],
): StoredVectors {
  const found = new Map(vectorRows(connection, model, ids).map((row) => [Number(row.picture), row]));
  const rows = ids.map((id) => found.get(id)).filter((row) => row !== undefined);
  return toVectors(rows, width);
}

/** The next vectors after a picture, in the order of ids. */
export function vectorsAfter(
  connection: Connection,
  model: number,
  options: { after: number; limit: number; filter?: PictureFilter | undefined },
): Row[] {
  const { after, limit, filter } = options;
  const { sql, values } = condition(filter);
  const join = sql === 'TRUE' ? '' : 'JOIN pictures AS p ON p.id = v.picture';
  return connection.all(
    `SELECT v.picture, v.vector FROM ${vectorTable(model)} AS v ${join}
      WHERE ${sql} AND v.picture > ? ORDER BY v.picture LIMIT ?`,
    [...values, after, limit],
  );
}

/** Holds for a file that has a picture without a vector of a model. */
const misses = (model: number): string => `EXISTS (SELECT 1 FROM pictures AS p WHERE p.file = f.id
  AND NOT EXISTS
  (SELECT 1 FROM ${vectorTable(model)} AS v INDEXED BY ${vectorTable(model)}_pictures WHERE v.picture = p.id))`;

/** The next files after a path, in the order of paths. */
export function filesAfter(
  connection: Connection,
  model: number,
  after: string,
  limit: number,
): StoredFile[] {
  const rows = connection.all(
    `SELECT f.*, ${misses(model)} AS misses FROM files AS f WHERE f.path > ? ORDER BY f.path LIMIT ?`,
    [after, limit],
  );
  return rows.map((row) => ({ ...toFile(row), embedded: Number(row.misses) === 0 }));
}

/** The first file with such content that is embedded, and its pictures in the order of ids. */
export function fileOfContent(
  connection: Connection,
  model: number,
  hash: string,
  how: string,
): { path: string; pictures: Picture[] } | undefined {
  const [file] = connection.all(
    `SELECT f.id, f.path FROM files AS f WHERE f.hash = ? AND f.how = ? AND f.bad IS NULL AND NOT ${misses(model)}
      ORDER BY f.path LIMIT 1`,
    [hash, how],
  );
  if (!file) return undefined;
  const rows = connection.all(
    `SELECT ${PICTURE_SELECTION} FROM ${FROM_PICTURES} WHERE p.file = ? ORDER BY p.id`,
    [Number(file.id)],
  );
  return { path: String(file.path), pictures: rows.map(toPicture) };
}

/** Ids of the pictures that are the first by `sampleOrder` and have a vector of the model: in the order of the index. */
export function sampleIds(connection: Connection, model: number, limit: number): number[] {
  const rows = connection.all(
    `SELECT p.id FROM pictures AS p INDEXED BY pictures_sample_order
      WHERE EXISTS
      (SELECT 1 FROM ${vectorTable(model)} AS v INDEXED BY ${vectorTable(model)}_pictures WHERE v.picture = p.id)
      ORDER BY p.sample_order, p.id LIMIT ?`,
    [limit],
  );
  return rows.map(({ id }) => Number(id));
}
