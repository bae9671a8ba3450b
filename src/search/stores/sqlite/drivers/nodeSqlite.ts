import { type Connection, connectionOf, type Driver, type NativeDatabase } from './connection.ts';

/** The part of `node:sqlite` that is used: Node 20 and its types have none. */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => NativeDatabase;
}

/** Not a literal, so that bundlers and older types let it be. */
const MODULE = 'node:sqlite';

/** What Node has itself since 22.13. */
export const nodeSqlite: Driver = {
  name: 'node:sqlite',
  async load() {
    const { DatabaseSync } = (await import(MODULE)) as NodeSqlite;
    return (path: string): Connection =>
      connectionOf(() => new DatabaseSync(path), {
        bind: (values) => [...values],
        codeOf: (error) => (error as { readonly errcode?: number }).errcode,
      });
  },
};
