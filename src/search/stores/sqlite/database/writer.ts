import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connect, Connection } from '../drivers/connection.ts';
import { openConnection, patiently, rollback } from './database.ts';
import { withRemedy } from './faults.ts';

/** For how long a transaction keeps other work of the process waiting, milliseconds. */
const TURN = 10;

/** Writes one after the other, by a connection of its own: who reads meanwhile sees the state before. */
export interface Writer {
  /** A transaction. */
  write<T>(body: (connection: Connection) => T): Promise<T>;
  /** A long transaction, that yields where other work of the process may have a turn. */
  writeInTurns(body: (connection: Connection) => Generator<void, void>): Promise<void>;
  /** After the writes that have begun. */
  close(): Promise<void>;
}

export function createWriter(connect: Connect, path: string): Writer {
  let connection: Promise<Connection> | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  async function run<T>(body: (connection: Connection) => T | Promise<T>): Promise<T> {
    connection ??= openConnection(connect, path);
    const own = await connection;
    await patiently(path, () => own.exec('BEGIN IMMEDIATE'));
    try {
      const result = await body(own);
      await patiently(path, () => own.exec('COMMIT'));
      return result;
    } catch (error) {
      rollback(own);
      throw withRemedy(error, path);
    }
  }

  function afterOthers<T>(body: (connection: Connection) => T | Promise<T>): Promise<T> {
    const result = queue.then(() => run(body));
    queue = result.catch(() => undefined);
    return result;
  }

  return {
    write: (body) => afterOthers(body),
    writeInTurns: (body) => afterOthers((own) => inTurns(body(own))),
    async close() {
      await queue;
      (await connection)?.close();
      connection = undefined;
    },
  };
}

async function inTurns(steps: Generator<void, void>): Promise<void> {
  for (let end = performance.now() + TURN; ; ) {
    if (steps.next().done) return;
    if (performance.now() < end) continue;
    await nextTurn();
    end = performance.now() + TURN;
  }
}
