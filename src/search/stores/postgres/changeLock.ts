import { z } from 'zod';
import { CollectionBusyError } from '../../collection/collection.ts';
import type { OwnConnection } from './connection/database.ts';
import type { Session } from './connection/session.ts';
import { LOCKS } from './setUp.ts';

const lockedSchema = z.object({ locked: z.boolean() });

/**
 * The right to change a collection: a lock of the server, which ends with the connection that has it, and so with the
 * process.
 */
export class ChangeLock {
  readonly #session: Session;
  readonly #collection: number;
  readonly #name: string;
  #connection: OwnConnection;

  private constructor(session: Session, collection: number, name: string, connection: OwnConnection) {
    this.#session = session;
    this.#collection = collection;
    this.#name = name;
    this.#connection = connection;
  }

  /** @throws CollectionBusyError */
  static async take(session: Session, collection: number, name: string): Promise<ChangeLock> {
    return new ChangeLock(session, collection, name, await connectLocked(session, collection, name));
  }

  /**
   * Takes it again where the server went away in between.
   * @throws CollectionBusyError when another process was faster
   */
  async ensure(): Promise<void> {
    if (this.#connection.isLost())
      this.#connection = await connectLocked(this.#session, this.#collection, this.#name);
  }

  async release(): Promise<void> {
    await this.#connection.close();
  }
}

async function connectLocked(session: Session, collection: number, name: string): Promise<OwnConnection> {
  const connection = await session.connect();
  try {
    const [row] = await connection.query('SELECT pg_try_advisory_lock($1, $2) AS locked', [
      LOCKS.change,
      collection,
    ]);
    if (lockedSchema.parse(row).locked) return connection;
    throw new CollectionBusyError(
      `the collection '${name}' is being changed by another process; try again when it is done`,
    );
  } catch (error) {
    await connection.close();
    throw session.explain(error);
  }
}
