import { type Connection, connectionOf, type Driver, type NativeDatabase } from './connection.ts';

/** The part of `bun:sqlite` that is used. */
interface BunSqlite {
  readonly Database: new (path: string, options: { create: boolean; readwrite: boolean }) => NativeDatabase;
}

/** Not a literal, since only Bun has it. */
const MODULE = 'bun:sqlite';

/** What Bun has itself. */
export const bunSqlite: Driver = {
  name: 'bun:sqlite',
  async load() {
    const { Database } = (await import(MODULE)) as BunSqlite;
    return (path: string): Connection =>
      connectionOf(() => new Database(path, { create: true, readwrite: true }), {
        bind: (values) => [...values],
        codeOf: (error) => (error as { readonly errno?: number }).errno,
      });
  },
};
