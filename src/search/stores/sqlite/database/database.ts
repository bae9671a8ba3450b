import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SCHEMA_VERSION, tables } from '../../sql/schema.ts';
import type { Connect, Connection } from '../drivers/connection.ts';
import { isBusy, withRemedy } from './faults.ts';

/** "sig2": says that a database is a collection. */
const APPLICATION_ID = 0x73696732;

/**
 * Pages of 8 KiB hold five vectors of 768 with little waste. WAL: who reads and who writes do not wait for each other. In
 * it, `synchronous = NORMAL` loses nothing when a process is killed; when the power fails, the last writes may be gone,
 * all of each, and the database is whole.
 */
const PAGES = 'PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;';
const SETTINGS = `PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768;
  PRAGMA temp_store = MEMORY;`;

/**
 * The change log: which vectors were written or removed, for processes that hold a copy of them. An id is a time (in
 * microseconds, about): it grows, and a collection that was put back from a copy never gives one again.
 */
const CHANGES = `CREATE TABLE changes (id INTEGER PRIMARY KEY, model INTEGER NOT NULL, picture INTEGER NOT NULL);
  CREATE TABLE identity (id TEXT PRIMARY KEY)`;

/**
 * What makes a database of schema n one of schema n + 1, at index n − 1. Each runs in a transaction with those that
 * follow; none changes when it has been released.
 */
const MIGRATIONS: readonly ((connection: Connection) => void)[] = [];

/** A database of that name belongs to another program. */
export class ForeignDatabaseError extends Error {
  override readonly name = 'ForeignDatabaseError';
}

/** For how long an action waits for other processes, milliseconds. */
const PATIENCE = 30_000;
const PAUSE = 15;

/**
 * Does what another connection may be in the way of, again and again. Waiting for locks is done here, not in SQLite, which
 * would hold up all else in this process.
 */
export async function patiently<T>(path: string, action: () => T): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || Date.now() > end) throw withRemedy(error, path);
    }
    await sleep(PAUSE);
  }
}

/** All or nothing. IMMEDIATE: to write; DEFERRED: to read one state. */
export function transaction<T>(connection: Connection, kind: 'IMMEDIATE' | 'DEFERRED', body: () => T): T {
  connection.exec(`BEGIN ${kind}`);
  try {
    const result = body();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    rollback(connection);
    throw error;
  }
}

export function rollback(connection: Connection): void {
  try {
    connection.exec('ROLLBACK');
  } catch {
    // SQLite has rolled it back already, as it does where the disk is full.
  }
}

/** The number that a pragma gives. */
function pragma(connection: Connection, name: string): number {
  const [row] = connection.all(`PRAGMA ${name}`);
  return Number(Object.values(row ?? {})[0]);
}

/** A connection to a collection's database that is made, or brought to this schema, where need be. */
export async function openDatabase(connect: Connect, path: string): Promise<Connection> {
  const connection = await openConnection(connect, path);
  try {
    if (
      pragma(connection, 'user_version') !== SCHEMA_VERSION ||
      pragma(connection, 'application_id') !== APPLICATION_ID
    )
      await patiently(path, () => prepare(connection, path));
    return connection;
  } catch (error) {
    connection.close();
    throw withRemedy(error, path);
  }
}

/** Another connection to a database that is open. */
export async function openConnection(connect: Connect, path: string): Promise<Connection> {
  const connection = await patiently(path, () => connect(path));
  try {
    await patiently(path, () => {
      connection.exec(SETTINGS);
      connection.all('SELECT count(*) FROM sqlite_master');
    });
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function prepare(connection: Connection, path: string): void {
  if (pragma(connection, 'page_count') === 0) connection.exec(PAGES);
  transaction(connection, 'IMMEDIATE', () => {
    const version = pragma(connection, 'user_version');
    const isEmpty = Number(connection.all('SELECT count(*) AS n FROM sqlite_master')[0]?.n) === 0;
    if (isEmpty) create(connection);
    else if (pragma(connection, 'application_id') !== APPLICATION_ID)
      throw new ForeignDatabaseError(
        `${path} is a database of another program; give the collection another name or place`,
      );
    else if (version > SCHEMA_VERSION)
      throw new Error(
        `${path} was written by a newer siglip2 (schema ${version}, this one knows ${SCHEMA_VERSION}); update siglip2`,
      );
    else for (const migrate of MIGRATIONS.slice(version - 1)) migrate(connection);
    connection.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

function create(connection: Connection): void {
  const types = { integer: 'INTEGER', real: 'REAL', text: 'TEXT', bytes: 'BLOB' };
  for (const statement of tables(types)) connection.exec(statement);
  connection.exec(CHANGES);
  connection.run('INSERT INTO identity (id) VALUES (?)', [randomUUID()]);
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
}
