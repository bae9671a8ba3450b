import { z } from 'zod';
import type { Change } from '../../collection/change.ts';
import { pictureKey } from '../../collection/checks.ts';
import { PICTURE_KINDS } from '../../collection/picture.ts';
import { PICTURE_COLUMNS, pictureValues, toFile } from '../sql/pictureRow.ts';
import { vectorTable } from '../sql/schema.ts';
import type { Query } from './connection/connection.ts';
import { change, type Draft, type DraftFile, pathsOf } from './draft.ts';
import { type VectorModel, writeHalfvecArray } from './vectors/halfvec.ts';

const idSchema = z.object({ id: z.number() });
const rowSchema = z.object({
  id: z.number(),
  picture: z.number().nullable(),
  kind: z.enum(PICTURE_KINDS).nullable(),
  at: z.number().nullable(),
});

/** Takes the right to write until the end of the transaction. @returns the id of the next picture */
async function begin(query: Query): Promise<number> {
  const [row] = await query('UPDATE state SET version = version + 1 RETURNING next_id AS id');
  return idSchema.parse(row).id;
}

/** A statement of its own: one that has waited for another writer sees tables as they were before it waited. */
async function nextFile(query: Query): Promise<number> {
  const [row] = await query('SELECT coalesce(max(id), 0) + 1 AS id FROM files');
  return idSchema.parse(row).id;
}

async function readDraftFiles(query: Query, paths: readonly string[]): Promise<Map<string, DraftFile>> {
  const rows = await query(
    `SELECT f.*, p.id AS picture, p.kind, p.at FROM files AS f LEFT JOIN pictures AS p ON p.file = f.id
     WHERE f.path = ANY ($1::text[]) ORDER BY p.id`,
    [paths],
  );
  const files = new Map<string, DraftFile>();
  for (const row of rows) {
    const { bad, ...facts } = toFile(row);
    const { id, picture, kind, at } = rowSchema.parse(row);
    const pictures = files.get(facts.path)?.pictures ?? [];
    const more = picture === null ? [] : [{ id: picture, key: pictureKey({ kind: kind!, at: at! }) }];
    files.set(facts.path, { id, facts, bad, pictures: [...pictures, ...more] });
  }
  return files;
}

/** Values of rows as values of their columns: a statement takes any number of rows then. */
const columns = (rows: readonly (readonly unknown[])[], width: number): unknown[][] =>
  Array.from({ length: width }, (_, i) => rows.map((row) => row[i]));

const FILE_COLUMNS = ['id', 'path', 'bytes', 'modified', 'hash', 'how', 'bad'] as const;
const FILE_TYPES = ['bigint', 'text', 'bigint', 'bigint', 'text', 'text', 'text'] as const;
const ALL_PICTURE_COLUMNS = ['id', 'file', ...PICTURE_COLUMNS] as const;
const WHOLE = new Set<string>(['id', 'file', 'width', 'height', 'side', 'bytes', 'sample_order']);

const typeOf = (column: string): string =>
  column === 'kind' ? 'text' : WHOLE.has(column) ? 'bigint' : 'double precision';

/** Inserts rows, or replaces those with their ids. */
async function upsert(
  query: Query,
  table: string,
  names: readonly string[],
  types: readonly string[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const values = types.map((type, i) => `$${i + 1}::${type}[]`).join(', ');
  const sets = names.slice(1).map((name) => `${name} = excluded.${name}`);
  await query(
    `INSERT INTO ${table} (${names.join(', ')}) SELECT * FROM unnest(${values})
     ON CONFLICT (id) DO UPDATE SET ${sets.join(', ')}`,
    columns(rows, names.length),
  );
}

/** PostgreSQL's text has no such sign, and a reason for a bad file may quote what is in it. */
const withoutNul = (text: string | undefined): string | null => text?.replaceAll('\0', '\ufffd') ?? null;

async function writeFiles(query: Query, files: readonly DraftFile[]): Promise<void> {
  // Paths may change places: none may be there twice in between.
  await query(`UPDATE files SET path = E'\\x01' || id WHERE id = ANY ($1::bigint[])`, [
    files.map(({ id }) => id),
  ]);
  const rows = files.map(({ id, facts, bad }) => {
    const { path, bytes, modified, hash, how } = facts;
    return [id, path, bytes, modified, hash, how, withoutNul(bad)];
  });
  await upsert(query, 'files', FILE_COLUMNS, FILE_TYPES, rows);
}

async function writePictures(query: Query, files: readonly DraftFile[]): Promise<void> {
  const rows = files.flatMap((file) =>
    file.pictures.flatMap(({ id, facts }) =>
      facts === undefined ? [] : [[id, file.id, ...pictureValues(facts, file.facts)]],
    ),
  );
  await upsert(query, 'pictures', ALL_PICTURE_COLUMNS, ALL_PICTURE_COLUMNS.map(typeOf), rows);
  // What a filter asks of its file, for pictures that stayed as they were.
  await query(
    `UPDATE pictures AS p SET bytes = f.bytes, moment = coalesce(p.taken, f.modified)
     FROM files AS f WHERE f.id = p.file AND f.id = ANY ($1::bigint[])
       AND (p.bytes <> f.bytes OR p.moment <> coalesce(p.taken, f.modified))`,
    [files.map(({ id }) => id)],
  );
}

async function writeVectors(
  query: Query,
  model: number,
  halfvec: number,
  files: readonly DraftFile[],
): Promise<void> {
  const pictures = files.flatMap((file) =>
    file.pictures.flatMap(({ id, vector }) => (vector === undefined ? [] : [{ id, vector }])),
  );
  if (pictures.length === 0) return;
  await query(
    `INSERT INTO ${vectorTable(model)} (picture, vector) SELECT * FROM unnest($1::bigint[], $2::halfvec[])
     ON CONFLICT (picture) DO UPDATE SET vector = excluded.vector`,
    [
      pictures.map(({ id }) => id),
      writeHalfvecArray(
        halfvec,
        pictures.map(({ vector }) => vector),
      ),
    ],
  );
}

/** Removes what was there and is not in the draft; vectors go with their pictures. */
async function removeGone(query: Query, { before, files }: Draft): Promise<void> {
  const left = [...files.values()];
  const fileIds = new Set(left.map(({ id }) => id));
  const pictureIds = new Set(left.flatMap(({ pictures }) => pictures.map(({ id }) => id)));
  const old = [...before.values()];
  const pictures = old
    .flatMap((file) => file.pictures.map(({ id }) => id))
    .filter((id) => !pictureIds.has(id));
  const gone = old.map(({ id }) => id).filter((id) => !fileIds.has(id));
  if (pictures.length > 0) await query('DELETE FROM pictures WHERE id = ANY ($1::bigint[])', [pictures]);
  if (gone.length > 0) await query('DELETE FROM files WHERE id = ANY ($1::bigint[])', [gone]);
}

/**
 * Makes changes in a transaction that has begun: some statements for all of them together, however many they are.
 * @throws RangeError where one of them cannot be
 */
export async function writeChanges(
  query: Query,
  model: VectorModel,
  halfvec: number,
  changes: readonly Change[],
): Promise<void> {
  const nextPicture = await begin(query);
  const before = await readDraftFiles(query, pathsOf(changes));
  const draft: Draft = {
    before,
    files: new Map(before),
    written: new Set(),
    nextPicture,
    nextFile: await nextFile(query),
  };
  change(draft, model.width, changes);
  await removeGone(query, draft);
  const written = [...draft.files.values()].filter(({ id }) => draft.written.has(id));
  if (written.length > 0) {
    await writeFiles(query, written);
    await writePictures(query, written);
    await writeVectors(query, model.id, halfvec, written);
  }
  if (draft.nextPicture > nextPicture) await query('UPDATE state SET next_id = $1', [draft.nextPicture]);
}
