import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Collection } from '../../../src/search/collection/collection.ts';
import type { Connection } from '../../../src/search/stores/sqlite/drivers/connection.ts';
import { SqliteError } from '../../../src/search/stores/sqlite/drivers/connection.ts';
import { chooseDriver } from '../../../src/search/stores/sqlite/drivers/drivers.ts';
import { createSqliteStore } from '../../../src/search/stores/sqlite/sqliteStore.ts';
import { temporaryFolder } from '../../cli/temporary.ts';
import { file, gone, model, vector } from './changes.ts';

const location = temporaryFolder();
const connect = await chooseDriver();
const store = createSqliteStore({ sidecarFrom: 1 });
const path = (name: string, of = 'collection.sqlite') => join(location, name, of);

/** A collection with some pictures, which is open. */
async function filled(name: string, count = 40): Promise<{ collection: Collection; model: number }> {
  const collection = await store.open(location, { name, create: true });
  const { id } = await collection.addModel(model(1));
  await collection.write(
    id,
    Array.from({ length: count }, (_, i) => file(`${i}.jpg`, i)),
  );
  return { collection, model: id };
}

/** Changes a collection's database behind its back. */
function edit(name: string, action: (connection: Connection) => void): void {
  const connection = connect(path(name));
  action(connection);
  connection.close();
}

it('a database of a newer version, or of another program, is left alone', async () => {
  await (await filled('newer')).collection.close();
  edit('newer', (connection) => connection.exec('PRAGMA user_version = 7'));
  await expect(store.open(location, { name: 'newer' })).rejects.toThrow(/newer siglip2 .*7.*update siglip2/);
  mkdirSync(join(location, 'foreign'));
  edit('foreign', (connection) => connection.exec('CREATE TABLE theirs (x)'));
  await expect(store.open(location, { name: 'foreign', create: true })).rejects.toThrow(/another program/);
  await expect(store.remove(location, 'foreign')).rejects.toThrow(/another program/);
  edit('foreign', (connection) =>
    expect(connection.all('SELECT name FROM sqlite_master')).toEqual([{ name: 'theirs' }]),
  );
});

it('removing a collection leaves what else lies in its folder: that may be the folder of pictures', async () => {
  await (await filled('mine')).collection.close();
  writeFileSync(path('mine', 'holiday.jpg'), 'a picture');
  await store.remove(location, 'mine');
  expect(readdirSync(join(location, 'mine'))).toEqual(['holiday.jpg']);
  expect(await store.list(location)).not.toContain('mine');
});

it('what is no database, or cut off, is said to be damaged', async () => {
  mkdirSync(join(location, 'text'));
  writeFileSync(path('text'), 'these are my notes. '.repeat(999));
  await expect(store.open(location, { name: 'text' })).rejects.toThrow(
    /text.*is damaged.*index the pictures again/,
  );
  await (await filled('cut', 400)).collection.close();
  edit('cut', (connection) => connection.all('PRAGMA wal_checkpoint(TRUNCATE)'));
  for (const side of ['-wal', '-shm']) rmSync(path('cut', `collection.sqlite${side}`), { force: true });
  mkdirSync(join(location, 'half'));
  copyFileSync(path('cut'), path('half'));
  truncateSync(path('half'), 8192 * 6);
  const whole = store.open(location, { name: 'half' }).then((collection) => collection.list({ limit: 1000 }));
  await expect(whole).rejects.toThrow(/half.*is damaged.*put it back from a copy/);
});

it('a folder that cannot be written says what to check', async () => {
  writeFileSync(join(location, 'file'), '');
  await expect(store.open(join(location, 'file'), { name: 'x', create: true })).rejects.toThrow(/file/);
  expect(await store.list(join(location, 'file'))).toEqual([]);
  const refusing = createSqliteStore({
    connect: async () => () => {
      throw new SqliteError('unable to open database file', 14);
    },
  });
  await expect(refusing.open(location, { name: 'closed', create: true })).rejects.toThrow(
    /check the permissions/,
  );
  if (process.getuid?.() === 0) return;
  await (await filled('read')).collection.close();
  chmodSync(join(location, 'read'), 0o500);
  await expect(store.open(location, { name: 'read' })).rejects.toThrow(/check the permissions/);
});

it('a full disk leaves all as it was', async () => {
  const { collection, model: id } = await filled('full');
  const limited = createSqliteStore({
    connect: async () => (file) => {
      const connection = connect(file);
      // As if there were no room for more pages.
      connection.all('PRAGMA max_page_count = 1');
      return connection;
    },
  });
  const small = await limited.open(location, { name: 'full' });
  const many = Array.from({ length: 600 }, (_, i) => file(`more${i}.jpg`, i));
  await expect(small.write(id, [gone('1.jpg'), ...many])).rejects.toThrow(
    /the disk is full.*free some space/,
  );
  expect(await small.count()).toBe(40);
  await collection.write(id, many);
  expect(await small.count()).toBe(640);
  await Promise.all([small.close(), collection.close()]);
});

it('a sidecar of another state, or damaged, is made again', async () => {
  const { collection, model: id } = await filled('sidecar');
  const expected = await collection.nearest(id, vector(3), { limit: 9 });
  await collection.close();
  expect(readdirSync(join(location, 'sidecar'))).toContain('model-1.scan');
  copyFileSync(path('sidecar', 'model-1.scan'), join(location, 'old.scan'));
  const search = async (name: string) => {
    const again = await store.open(location, { name });
    const found = await again.nearest(id, vector(3), { limit: 9 });
    await again.close();
    return found;
  };
  writeFileSync(path('sidecar', 'model-1.scan'), 'x'.repeat(999));
  expect(await search('sidecar')).toEqual(expected);
  // Of another collection, whose vectors are others.
  const other = await filled('other', 2);
  await other.collection.close();
  copyFileSync(join(location, 'old.scan'), path('other', 'model-1.scan'));
  expect((await search('other')).map((one) => one.id).sort()).toEqual([1, 2]);
  // Older than the log reaches back.
  copyFileSync(join(location, 'old.scan'), path('sidecar', 'model-1.scan'));
  const writer = await store.open(location, { name: 'sidecar' });
  await writer.write(id, [gone('3.jpg')]);
  await writer.close();
  edit('sidecar', (connection) =>
    connection.exec('DELETE FROM changes WHERE id < (SELECT max(id) FROM changes)'),
  );
  expect((await search('sidecar')).map((one) => one.id)).not.toContain(expected[0]!.id);
});

it('indexing leaves a sidecar that is up to date', async () => {
  const { collection, model: id } = await filled('indexed');
  const lock = await collection.lock();
  await collection.write(id, [file('new.jpg', 99)]);
  await lock.release();
  expect(readdirSync(join(location, 'indexed'))).toContain('model-1.scan');
  await collection.close();
});
