import { z } from 'zod';
import type { Query } from './connection.ts';
import type { Database, OwnConnection } from './database.ts';
import { isMissing } from './databaseError.ts';

interface Running {
  pid?: number;
  cancelled?: Promise<void>;
}

const idSchema = z.object({ id: z.string() });
const statusSchema = z.object({ status: z.string().nullable() });

/** One collection's use of a database: what it does is done again where the server went away, and stops with `close`. */
export class Session {
  readonly database: Database;
  readonly #name: string;
  readonly #path: string;
  readonly #running = new Set<Running>();
  #open = true;

  /** @param path schemas in which its tables and pgvector are */
  constructor(database: Database, name: string, path: string) {
    this.database = database;
    this.#name = name;
    this.#path = path;
  }

  /** Statements that may run twice. */
  read<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#checked(() => this.database.again(() => this.#run(work)));
  }

  /**
   * A transaction: all of it or nothing, and once, also where the connection breaks while it is committed.
   * @param begin e.g. `BEGIN`, or with a level of isolation
   */
  write<T>(work: (query: Query) => Promise<T>): Promise<T> {
    let last: { readonly id: string; readonly result: T } | undefined;
    const attempt = async (query: Query): Promise<T> => {
      if (last && (await isCommitted(query, last.id))) return last.result;
      last = undefined;
      await query('BEGIN');
      const result = await work(query);
      const [row] = await query('SELECT pg_current_xact_id()::text AS id');
      last = { id: idSchema.parse(row).id, result };
      await query('COMMIT');
      return result;
    };
    return this.#checked(() => this.database.again(() => this.#run(attempt)));
  }

  /** A connection of its own, which its owner has to close. */
  connect(): Promise<OwnConnection> {
    return this.#checked(() => this.database.again(() => this.database.connect(this.#path)));
  }

  /** What the database says, in words; also that the collection was closed meanwhile. */
  explain(error: unknown): Error {
    if (!this.#open) return this.#closed();
    if (isMissing(error))
      return new Error(`the collection '${this.#name}' was removed while it was open`, { cause: error });
    return isDatabaseError(error) ? this.database.explain(error) : toError(error);
  }

  /** Stops what runs. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const running = [...this.#running];
    for (const one of running)
      if (one.pid !== undefined) one.cancelled = this.database.cancel(one.pid).catch(() => undefined);
    await Promise.all(running.map(({ cancelled }) => cancelled));
  }

  async #run<T>(work: (query: Query) => Promise<T>): Promise<T> {
    if (!this.#open) throw this.#closed();
    const running: Running = {};
    this.#running.add(running);
    // A connection goes back only after its cancelling, which would else stop what another does with it.
    const stoppable = (query: Query) => work(query).finally(() => running.cancelled);
    try {
      return await this.database.use(this.#path, stoppable, (pid) => {
        running.pid = pid;
      });
    } finally {
      this.#running.delete(running);
    }
  }

  async #checked<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#open) throw this.#closed();
    try {
      return await work();
    } catch (error) {
      throw this.explain(error);
    }
  }

  #closed(): Error {
    return new Error(`the collection '${this.#name}' is closed`);
  }
}

/** Whether a transaction whose end was not heard is done. */
async function isCommitted(query: Query, id: string): Promise<boolean> {
  for (;;) {
    const [row] = await query('SELECT pg_xact_status($1::text::xid8) AS status', [id]);
    const { status } = statusSchema.parse(row);
    if (status !== 'in progress') return status === 'committed';
    await new Promise((done) => setTimeout(done, 50));
  }
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Not one of ours, such as a RangeError for a value, which says what is wrong already. */
const isDatabaseError = (error: unknown): boolean =>
  !(error instanceof Error && (error.name === 'RangeError' || error.name === 'CollectionBusyError')) &&
  !(error instanceof z.ZodError);
