import { execFile, spawn } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Collection, CollectionBusyError } from '../../../src/search/collection/collection.ts';
import { postgresStore } from '../../../src/search/stores/postgres/postgresStore.ts';
import { startServer, type TestServer } from '../../support/postgres/server.ts';
import { databaseAt, runIn, testPostgres } from '../../support/postgres.ts';
import { file, idsByName, model, vector } from './changes.ts';

const postgres = await testPostgres(import.meta.url);

const open = (address: string, name = 'photos', create = true): Promise<Collection> =>
  postgresStore.open(address, { name, create });

describe.skipIf(!postgres)('PostgreSQL, from several processes', () => {
  afterAll(() => postgres?.close());

  it('one changes and another searches; one that is killed has lost nothing, and its right is free', async () => {
    const address = await postgres!.createDatabase();
    const collection = await open(address);
    const { id } = await collection.addModel(model(1));
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'postgresChild.ts'), address, 'photos', '1'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let last = 0;
    for await (const line of createInterface({ input: child.stdout! })) {
      last = Number(line);
      if (last === 1) {
        await expect(collection.lock()).rejects.toThrow(CollectionBusyError);
        // Without the right, writes are still whole and one after the other.
        await collection.write(id, [file('a.jpg', 100)]);
      }
      if (last === 8) child.kill('SIGKILL');
    }
    await expect
      .poll(() => collection.lock().then((lock) => lock.release()), { timeout: 10_000 })
      .toBe(undefined);
    const known = await idsByName(collection);
    const numbers = known.map(([name]) => name).filter((name) => name !== 'a.jpg');
    expect(numbers.length).toBeGreaterThanOrEqual(last);
    expect(numbers).toEqual(numbers.map((_, i) => `${i + 1}.jpg`));
    expect(known.map(([, one]) => one)).toEqual(known.map((_, i) => i + 1));
    expect(await collection.version()).toBe(known.length);
    expect((await collection.nearest(id, vector(100), { limit: 1 }))[0]!.score).toBeCloseTo(1, 3);
    await collection.close();
  });

  it('a process that does nothing else lets the server begin its index before it ends', async () => {
    const address = await postgres!.createDatabase();
    const program = join(import.meta.dirname, 'postgresIndexChild.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, address]);
    expect(stdout).toBe('closed\n');
    await expect
      .poll(() => runIn(address, "SELECT 1 FROM pg_indexes WHERE indexname LIKE '%_hnsw'"), {
        timeout: 10_000,
      })
      .toHaveLength(1);
  });

  it('what runs is stopped when the collection is closed', async () => {
    const address = await postgres!.createDatabase();
    const collection = await open(address);
    const { id } = await collection.addModel(model(1));
    const other = await open(address);
    const [row] = await runIn(address, 'SELECT id FROM siglip2.collections');
    const table = `siglip2_${(row as { id: string }).id}.state`;
    // Who holds the row lets nobody write.
    const holder = new pg.Client({ connectionString: address });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query(`UPDATE ${table} SET version = version`);
    const writing = expect(collection.write(id, [])).rejects.toThrow("the collection 'photos' is closed");
    const isWaiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    await expect.poll(() => runIn(address, isWaiting)).toHaveLength(1);
    await collection.close();
    await writing;
    await holder.end();
    expect(await other.version()).toBe(0);
    await other.close();
  });
});

describe.skipIf(!postgres)('PostgreSQL, a server of its own', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.remove());

  it('starts again in the middle: writes and searches wait for it, nothing is lost, and the right is kept', async () => {
    const collection = await open(server.address());
    const { id } = await collection.addModel(model(1));
    const lock = await collection.lock();
    let going = true;
    let count = 0;
    const writer = (async () => {
      for (; going; count++) await collection.write(id, [file(`${count}.jpg`, count)]);
    })();
    const reader = (async () => {
      while (going) await collection.nearest(id, vector(1), { limit: 3 });
    })();
    for (let i = 0; i < 2; i++) {
      await new Promise((done) => setTimeout(done, 100));
      await server.stop();
      await server.start();
    }
    await expect.poll(() => collection.version()).toBeGreaterThan(0);
    going = false;
    await Promise.all([writer, reader]);
    expect(await collection.version()).toBe(count);
    expect((await idsByName(collection)).map(([, one]) => one)).toEqual(
      Array.from({ length: count }, (_, i) => i + 1),
    );
    await collection.write(id, []);
    const other = await open(server.address());
    await expect(other.lock()).rejects.toThrow(CollectionBusyError);
    await lock.release();
    await (await other.lock()).release();
    await other.close();
    await collection.close();
  });

  it('says what is wrong, and what to do, without the password', async () => {
    const right = server.address();
    const wrong = new URL(right);
    wrong.password = 'secret';
    const none = new URL(right);
    none.password = '';
    const cases: [string, RegExp][] = [
      [wrong.href, /password authentication failed.*PGPASSWORD/],
      [none.href, /password.*PGPASSWORD/],
      [databaseAt(right, 'nowhere'), /"nowhere" does not exist.*createdb/],
      [`${right}?sslmode=require`, /SSL.*sslmode/],
      [right.replace(/:\d+\//, ':1/'), /ECONNREFUSED.*check that the server runs/],
      ['postgres://[', /write postgres:\/\/USER@HOST\/DATABASE/],
    ];
    for (const [address, message] of cases) {
      const error: Error = await open(address).then(
        () => new Error('it was opened'),
        (reason: Error) => reason,
      );
      expect(error.message).toMatch(message);
      expect(error.message).not.toMatch(/secret|a%20password/);
    }
    await expect(open(right, 'missing', false)).rejects.toThrow(
      /no collection 'missing' in postgres:\/\/tester@127[^ ]*; there are photos; make it/,
    );
  });

  it('says who may not do what, and which pgvector there must be', async () => {
    const right = server.address();
    const guest = new URL(databaseAt(right, 'guests'));
    await runIn(
      right,
      'CREATE DATABASE guests',
      'CREATE DATABASE old',
      "CREATE ROLE guest LOGIN PASSWORD 'g'",
    );
    await runIn(
      databaseAt(right, 'old'),
      'CREATE EXTENSION vector',
      "UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'",
    );
    [guest.username, guest.password] = ['guest', 'g'];
    await expect(open(guest.href)).rejects.toThrow(/permission denied.*(CREATE EXTENSION|GRANT CREATE)/);
    await expect(open(databaseAt(right, 'old'))).rejects.toThrow(
      /pgvector 0\.7\.4 is too old.*ALTER EXTENSION/,
    );
    expect(await postgresStore.list(guest.href)).toEqual([]);
    const control = join(server.programs, 'share/extension/vector.control');
    await rename(control, `${control}.away`);
    await expect(open(databaseAt(right, 'guests'))).rejects.toThrow(/vector.*install pgvector 0\.8 or later/);
  });
});
