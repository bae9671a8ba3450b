import { z } from 'zod';
import type { StoredFile, StoredModel, StoredVectors } from '../../collection/collection.ts';
import type { PictureFilter } from '../../collection/filter.ts';
import type { Picture } from '../../collection/picture.ts';
import { FROM_PICTURES, PICTURE_SELECTION, toFile, toPicture } from '../sql/pictureRow.ts';
import { type Dialect, pictureWhere, type Where } from '../sql/pictureWhere.ts';
import { vectorTable } from '../sql/schema.ts';
import type { Query, Row } from './connection/connection.ts';
import { readHalfvec, type VectorModel } from './vectors/halfvec.ts';

const DIALECT: Dialect = {
  placeholder: (n) => `$${n}`,
  isIn: (expression, placeholder) => `${expression} = ANY (${placeholder}::bigint[])`,
  list: (ids) => [...ids],
};

/** @param first number of the first value in its statement */
export const where = (filter: PictureFilter | undefined, first = 1): Where =>
  pictureWhere(filter ?? {}, DIALECT, first);

export const countSchema = z.object({ count: z.number() });
const versionSchema = z.object({ version: z.number() });
const noteSchema = z.object({ value: z.string() });
const vectorSchema = z.object({ id: z.number(), vector: z.instanceof(Buffer) });
const modelSchema = z.object({
  id: z.number(),
  name: z.string(),
  width: z.number(),
  probe: z.instanceof(Buffer),
});

export async function readVersion(query: Query): Promise<number> {
  const [row] = await query('SELECT version FROM state');
  return versionSchema.parse(row).version;
}

/** Models, without the numbers of their pictures. */
export async function readModels(query: Query): Promise<Omit<StoredModel, 'pictures'>[]> {
  const rows = await query('SELECT id, name, width, probe FROM models ORDER BY id');
  return rows.map((row) => {
    const { probe, ...model } = modelSchema.parse(row);
    return { ...model, probe: new Float32Array(new Uint8Array(probe).buffer) };
  });
}

export async function countVectors(query: Query, model: number): Promise<number> {
  const [row] = await query(`SELECT count(*) FROM ${vectorTable(model)}`);
  return countSchema.parse(row).count;
}

export async function countPictures(query: Query, filter?: PictureFilter): Promise<number> {
  const { sql, values } = where(filter);
  const [row] = await query(`SELECT count(*) FROM pictures AS p WHERE ${sql}`, values);
  return countSchema.parse(row).count;
}

export async function listPictures(
  query: Query,
  {
    filter,
    after = 0,
    limit,
  }: { filter?: PictureFilter | undefined; after?: number | undefined; limit: number },
): Promise<Picture[]> {
  const { sql, values } = where(filter, 3);
  const rows = await query(
    `SELECT ${PICTURE_SELECTION} FROM ${FROM_PICTURES} WHERE p.id > $1 AND ${sql} ORDER BY p.id LIMIT $2`,
    [after, limit, ...values],
  );
  return rows.map(toPicture);
}

export async function readPictures(query: Query, ids: readonly number[]): Promise<Picture[]> {
  const rows = await query(
    `SELECT ${PICTURE_SELECTION} FROM ${FROM_PICTURES} WHERE p.id = ANY ($1::bigint[])`,
    [ids],
  );
  const byId = new Map(rows.map(toPicture).map((picture) => [picture.id, picture]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Rows of `id` and `vector`, as `halfvec_send` gives it, in their order. */
export function toVectors(rows: readonly Row[], width: number): StoredVectors {
  const vectors = new Uint16Array(rows.length * width);
  const ids = rows.map((one, row) => {
    const { id, vector } = vectorSchema.parse(one);
    readHalfvec(vector, vectors, row);
    return id;
  });
  return { ids, vectors };
}

export async function readVectors(
  query: Query,
  model: VectorModel,
  ids: readonly number[],
): Promise<StoredVectors> {
  const rows = await query(
    `SELECT v.picture AS id, halfvec_send(v.vector) AS vector FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (id, place)
     JOIN ${vectorTable(model.id)} AS v ON v.picture = wanted.id ORDER BY wanted.place`,
    [ids],
  );
  return toVectors(rows, model.width);
}

/** Vectors of the pictures that are the first by `sampleOrder`. */
export async function readSample(query: Query, model: VectorModel, limit: number): Promise<StoredVectors> {
  const rows = await query(
    `SELECT p.id, halfvec_send(v.vector) AS vector
     FROM pictures AS p JOIN ${vectorTable(model.id)} AS v ON v.picture = p.id
     ORDER BY p.sample_order, p.id LIMIT $1`,
    [limit],
  );
  return toVectors(rows, model.width);
}

/** Whether all pictures of `files AS f` have a vector. */
const isEmbedded = (model: number): string => `NOT EXISTS (SELECT 1 FROM pictures AS p WHERE p.file = f.id
  AND NOT EXISTS (SELECT 1 FROM ${vectorTable(model)} AS v WHERE v.picture = p.id))`;

const embeddedSchema = z.object({ embedded: z.boolean() });

/** Files whose paths are after one, in their order. */
export async function readFiles(
  query: Query,
  model: number,
  after: string,
  limit: number,
): Promise<StoredFile[]> {
  const rows = await query(
    `SELECT f.path, f.bytes, f.modified, f.hash, f.how, f.bad, ${isEmbedded(model)} AS embedded
     FROM files AS f WHERE f.path > $1 ORDER BY f.path LIMIT $2`,
    [after, limit],
  );
  return rows.map((row) => ({ ...toFile(row), ...embeddedSchema.parse(row) }));
}

const fileSchema = z.object({ id: z.number(), path: z.string() });

/** The first file with these bytes that was read so and is embedded, and its pictures in the order of their ids. */
export async function readSameContent(
  query: Query,
  model: number,
  hash: string,
  how: string,
): Promise<{ path: string; pictures: Picture[] } | undefined> {
  const [row] = await query(
    `SELECT f.id, f.path FROM files AS f WHERE f.hash = $1 AND f.how = $2 AND f.bad IS NULL AND ${isEmbedded(model)}
     ORDER BY f.path LIMIT 1`,
    [hash, how],
  );
  if (row === undefined) return undefined;
  const { id, path } = fileSchema.parse(row);
  const pictures = await query(
    `SELECT ${PICTURE_SELECTION} FROM ${FROM_PICTURES} WHERE p.file = $1 ORDER BY p.id`,
    [id],
  );
  return { path, pictures: pictures.map(toPicture) };
}

export async function readNote(query: Query, key: string): Promise<unknown> {
  const [row] = await query('SELECT value FROM notes WHERE name = $1', [key]);
  return row === undefined ? undefined : JSON.parse(noteSchema.parse(row).value);
}
