import { bunSqlite } from './bunSqlite.ts';
import type { Connect, Driver } from './connection.ts';
import { libsql } from './libsql.ts';
import { nodeSqlite } from './nodeSqlite.ts';

/**
 * In the order in which they are tried. Bun's own comes first in Bun, which runs native add-ons of Node with less
 * certainty. Else libsql: the same SQLite under every version of Node from 20, without a warning. Node's own is there from
 * 22.13 for platforms that libsql has no binary for.
 *
 * A process keeps to one of them: two SQLites in one process do not see each other's locks, and closing a file by one ends
 * the locks of the other (POSIX). For the same reason nothing else in this process may open the database's files.
 */
const DRIVERS: readonly Driver[] = [bunSqlite, libsql, nodeSqlite];

let chosen: Promise<Connect> | undefined;

/** Opens databases by the first driver that is here. @throws Error saying what to install */
export function chooseDriver(): Promise<Connect> {
  chosen ??= firstOf(DRIVERS);
  return chosen;
}

async function firstOf(drivers: readonly Driver[]): Promise<Connect> {
  const reasons: string[] = [];
  for (const { name, load } of drivers) {
    try {
      return await load();
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    }
  }
  throw new Error(
    `there is no SQLite here (${reasons.join('; ')}); run npm install libsql, use Node.js 22.13 or later, or keep collections in PostgreSQL (--database postgres://…)`,
  );
}
