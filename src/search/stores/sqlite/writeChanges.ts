import type { Change } from '../../collection/change.ts';
import { checkChange, pictureKey, toStored } from '../../collection/checks.ts';
import type { FileFacts, PictureFacts } from '../../collection/picture.ts';
import { PICTURE_COLUMNS, pictureValues } from '../sql/pictureRow.ts';
import { vectorTable } from '../sql/schema.ts';
import { logChanges } from './database/changeLog.ts';
import type { Connection, Row } from './drivers/connection.ts';

/** What a write needs to know, and gathers, while it goes. */
interface Writing {
  readonly connection: Connection;
  readonly model: number;
  /** Ids of all models. */
  readonly models: readonly number[];
  nextId: number;
  readonly log: [model: number, picture: number][];
}

/** A change whose vectors are checked, as they are stored. */
export type Prepared =
  | Exclude<Change, { kind: 'file' }>
  | {
      readonly kind: 'file';
      readonly file: FileFacts;
      readonly pictures: readonly { readonly facts: PictureFacts; readonly vector: Uint8Array }[];
    };

/** @throws RangeError for facts and vectors that cannot be stored */
export function prepareChange(change: Change, width: number): Prepared {
  checkChange(change);
  if (change.kind !== 'file') return change;
  const { kind, file, pictures } = change;
  const prepared = pictures.map(({ vector, ...facts }) => {
    const half = toStored(vector, width, file.path);
    return { facts, vector: new Uint8Array(half.buffer, half.byteOffset, half.byteLength) };
  });
  return { kind, file, pictures: prepared };
}

/** Begins to write within a transaction. */
export function beginWriting(connection: Connection, model: number): Writing {
  const models = connection.all('SELECT id FROM models').map(({ id }) => Number(id));
  const [state] = connection.all('SELECT next_id FROM state');
  return { connection, model, models, nextId: Number(state!.next_id), log: [] };
}

/** Ends what was begun, before its transaction is committed. */
export function endWriting({ connection, nextId, log }: Writing): void {
  logChanges(connection, log);
  connection.run('UPDATE state SET version = version + 1, next_id = ?', [nextId]);
}

/** Makes one change. @throws RangeError where a file that is moved is not known */
export function writeChange(writing: Writing, change: Prepared): void {
  if (change.kind === 'file') putFile(writing, change);
  else if (change.kind === 'move') moveFile(writing, change.from, change.file);
  else if (change.kind === 'gone') forget(writing, find(writing, change.path));
  else {
    forget(writing, find(writing, change.file.path));
    insertFile(writing, change.file, change.reason);
  }
}

const find = ({ connection }: Writing, path: string): Row | undefined =>
  connection.all('SELECT id, hash, how, bad FROM files WHERE path = ?', [path])[0];

function forget(writing: Writing, file: Row | undefined): void {
  if (!file) return;
  const id = Number(file.id);
  const pictures = writing.connection.all('SELECT id FROM pictures WHERE file = ?', [id]);
  for (const picture of pictures) forgetPicture(writing, Number(picture.id));
  writing.connection.run('DELETE FROM files WHERE id = ?', [id]);
}

function forgetPicture({ connection, models, log }: Writing, id: number): void {
  for (const model of models) {
    const table = vectorTable(model);
    if (connection.all(`SELECT picture FROM ${table} WHERE picture = ?`, [id]).length === 0) continue;
    connection.run(`DELETE FROM ${table} WHERE picture = ?`, [id]);
    log.push([model, id]);
  }
  connection.run('DELETE FROM pictures WHERE id = ?', [id]);
}

/** @returns the file's id in the database */
function insertFile({ connection }: Writing, file: FileFacts, bad: string | null): number {
  const { path, bytes, modified, hash, how } = file;
  const values = [path, bytes, modified, hash, how, bad];
  const [row] = connection.all(
    'INSERT INTO files (path, bytes, modified, hash, how, bad) VALUES (?, ?, ?, ?, ?, ?) RETURNING id',
    values,
  );
  return Number(row!.id);
}

function moveFile(writing: Writing, from: string, file: FileFacts): void {
  const { connection } = writing;
  const known = find(writing, from);
  if (!known)
    throw new RangeError(`${from} cannot be moved to ${file.path}: the collection does not know it`);
  if (from !== file.path) forget(writing, find(writing, file.path));
  updateFile(connection, Number(known.id), file);
}

function updateFile(connection: Connection, id: number, file: FileFacts): void {
  const { path, bytes, modified, hash, how } = file;
  connection.run('UPDATE files SET path = ?, bytes = ?, modified = ?, hash = ?, how = ? WHERE id = ?', [
    ...[path, bytes, modified, hash, how],
    id,
  ]);
  connection.run('UPDATE pictures SET bytes = ?, moment = coalesce(taken, ?) WHERE file = ?', [
    bytes,
    modified,
    id,
  ]);
}

const COLUMNS = ['id', 'file', ...PICTURE_COLUMNS];
/** What a picture is may be told anew, its id stays. */
const PUT_PICTURE = `INSERT INTO pictures (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})
  ON CONFLICT (id) DO UPDATE SET ${PICTURE_COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')}`;

function putFile(writing: Writing, { file, pictures }: Extract<Prepared, { kind: 'file' }>): void {
  const { connection, model, log } = writing;
  const old = find(writing, file.path);
  const stays = old !== undefined && old.bad === null && old.hash === file.hash && old.how === file.how;
  if (!stays) forget(writing, old);
  const fileId = stays ? Number(old.id) : insertFile(writing, file, null);
  const known = stays ? knownPictures(connection, fileId) : new Map<string, number>();
  if (stays) updateFile(connection, fileId, file);
  for (const { facts, vector } of pictures) {
    const key = pictureKey(facts);
    const id = known.get(key) ?? writing.nextId++;
    known.delete(key);
    connection.run(PUT_PICTURE, [id, fileId, ...pictureValues(facts, file)]);
    connection.run(`INSERT OR REPLACE INTO ${vectorTable(model)} (picture, vector) VALUES (?, ?)`, [
      id,
      vector,
    ]);
    log.push([model, id]);
  }
  for (const id of known.values()) forgetPicture(writing, id);
}

function knownPictures(connection: Connection, file: number): Map<string, number> {
  const rows = connection.all('SELECT id, kind, at FROM pictures WHERE file = ?', [file]);
  return new Map(
    rows.map(({ id, kind, at }) => [pictureKey({ kind: kind as 'image', at: Number(at) }), Number(id)]),
  );
}
