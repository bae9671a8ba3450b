import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Collection } from '../../../../src/search/collection/collection.ts';
import { memoryStore } from '../../../../src/search/stores/memory/memoryStore.ts';
import { collectionFiles } from '../../../../src/search/stores/sqlite/collectionFiles.ts';
import { chooseDriver } from '../../../../src/search/stores/sqlite/drivers/drivers.ts';
import { createSqliteStore } from '../../../../src/search/stores/sqlite/sqliteStore.ts';
import { all, model, vector } from '../changes.ts';
import { NAME, writeOf } from './writesOf.ts';

const CHILD = join(import.meta.dirname, 'killedChild.ts');

/** A child that writes; ready when it has written once. */
async function startChild(location: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, location], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(child.exitCode, 'the child ended by itself').toBeNull();
  /** The last version that it said it had written. */
  const acknowledged = () => Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
  return { child, acknowledged };
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

const stateOf = async (collection: Collection, id: number) => ({
  version: await collection.version(),
  files: await all(collection.files(id)),
  pictures: await collection.list({ limit: 10_000 }),
  vectors: await all(collection.allVectors(id)),
  nearest: await collection.nearest(id, vector(0.5), { limit: 200 }),
});

/**
 * Kills a process that writes to a collection, again and again, and looks after each time: what it said it had written is
 * there, once, and no part of anything else; the database is whole, the scan right, and the lock free.
 * @param longest milliseconds until a kill, drawn from 0 to this
 * @returns versions that were written
 */
export async function killAgainAndAgain(location: string, kills: number, longest: number): Promise<number> {
  const plain = await memoryStore.open('memory:kills', { name: NAME, create: true });
  const { id } = await plain.addModel(model(1));
  const store = createSqliteStore({ sidecarFrom: 1 });
  for (let n = 0; n < kills; n++) {
    const { child, acknowledged } = await startChild(location);
    await sleep(Math.random() * longest);
    await kill(child);
    const collection = await store.open(location, { name: NAME });
    const version = await collection.version();
    expect(version).toBeGreaterThanOrEqual(acknowledged());
    for (let next = await plain.version(); next < version; next++) await plain.write(id, writeOf(next));
    expect(await stateOf(collection, id)).toEqual(await stateOf(plain, id));
    await (await collection.lock()).release();
    await collection.close();
    await expectWhole(location);
  }
  const written = await plain.version();
  await memoryStore.remove('memory:kills', NAME);
  return written;
}

async function expectWhole(location: string): Promise<void> {
  const connection = (await chooseDriver())(collectionFiles(location, NAME).database);
  expect(connection.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(connection.all('PRAGMA foreign_key_check')).toEqual([]);
  connection.close();
}
