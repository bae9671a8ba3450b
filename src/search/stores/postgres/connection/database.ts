import type { Client, ClientBase, Pool, PoolClient } from 'pg';
import { type Address, clientConfig, parseAddress } from './address.ts';
import { type Query, queryOf, useSchemas } from './connection.ts';
import { explain, isConnectionLost } from './databaseError.ts';

/** Connections of a process to one database, besides those for locks, snapshots and indexes. */
const MOST_CONNECTIONS = 8;
/** How long a server may be away, e.g. to start again. */
const AWAY_MS = 15_000;

/** A connection of one's own. */
export interface OwnConnection {
  readonly query: Query;
  /** Whether it broke. */
  readonly isLost: () => boolean;
  /** It is no reason for the process to stay. */
  unref(): void;
  close(): Promise<void>;
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** What broke says so to those who wait for an answer; one that nobody uses is replaced. */
const ignore = (): void => undefined;

/** A database that a process uses, by as few connections as it needs: all collections in it share one of these. */
export class Database {
  readonly address: Address;
  readonly #pool: Pool;
  readonly #newClient: () => Client;

  private constructor(address: Address, pool: Pool, newClient: () => Client) {
    this.address = address;
    this.#pool = pool;
    this.#newClient = newClient;
  }

  static async create(location: string): Promise<Database> {
    const address = parseAddress(location);
    const { default: pg } = await import('pg');
    const config = clientConfig(address);
    const pool = new pg.Pool({ ...config, max: MOST_CONNECTIONS, allowExitOnIdle: true });
    pool.on('error', ignore);
    pool.on('connect', (client) => client.on('error', ignore));
    return new Database(address, pool, () => new pg.Client(config));
  }

  /**
   * Does something with a connection.
   * @param path where tables are looked up
   * @param started is told the number of the connection's process on the server, as soon as it begins
   */
  async use<T>(
    path: string,
    work: (query: Query) => Promise<T>,
    started?: (pid: number) => void,
  ): Promise<T> {
    const client = await this.#pool.connect();
    let broken = true;
    try {
      const pid = await useSchemas(client, path);
      started?.(pid);
      const result = await work(queryOf(client));
      broken = false;
      return result;
    } catch (error) {
      broken = await isBroken(client, error);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /**
   * Does something that may be done again: where the connection breaks, once the server is back.
   * @throws Error saying what to do, for errors of the database
   */
  async again<T>(attempt: () => Promise<T>): Promise<T> {
    const end = Date.now() + AWAY_MS;
    for (let pause = 50; ; pause = Math.min(2 * pause, 1000)) {
      try {
        return await attempt();
      } catch (error) {
        if (!isConnectionLost(error) || Date.now() > end) throw error;
        await wait(pause);
      }
    }
  }

  /** Opens a connection that nothing else uses. */
  async connect(path: string): Promise<OwnConnection> {
    const client = this.#newClient();
    let lost = false;
    client.on('error', () => {
      lost = true;
    });
    client.on('end', () => {
      lost = true;
    });
    try {
      await client.connect();
      await useSchemas(client, path);
    } catch (error) {
      await client.end().catch(ignore);
      throw error;
    }
    return {
      query: queryOf(client),
      isLost: () => lost,
      unref: () => unref(client),
      close: () => client.end().catch(ignore),
    };
  }

  /** Stops what a process of the server is doing. */
  async cancel(pid: number): Promise<void> {
    await this.use('', (query) => query('SELECT pg_cancel_backend($1)', [pid]));
  }

  explain(error: unknown): Error {
    return explain(error, this.address);
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }
}

/** The driver has this, its types do not. */
function unref(client: object): void {
  if ('unref' in client && typeof client.unref === 'function') client.unref();
}

/** Whether a connection cannot be used again: it is lost, or in a transaction that cannot be ended. */
async function isBroken(client: PoolClient & ClientBase, error: unknown): Promise<boolean> {
  if (isConnectionLost(error)) return true;
  // Also where no transaction is open, which is a notice and no error.
  return client.query('ROLLBACK').then(
    () => false,
    () => true,
  );
}
