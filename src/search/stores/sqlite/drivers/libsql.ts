import { type Connection, connectionOf, type Driver, type NativeDatabase } from './connection.ts';

interface LibsqlError {
  readonly rawCode?: number;
  readonly message?: string;
}

/** Where a file cannot be opened, the code is in the message alone: `…/collection.sqlite: 14")`. */
function codeOf(error: unknown): number | undefined {
  const { rawCode, message = '' } = error as LibsqlError;
  const [, code] = /^ConnectionFailed\(.*: (\d+)"\)$/.exec(message) ?? [];
  return rawCode ?? (code === undefined ? undefined : Number(code));
}

/** The package `libsql`: its binaries are packages of the registry, so that nothing is compiled or fetched. */
export const libsql: Driver = {
  name: 'libsql',
  async load() {
    const { default: Database } = await import('libsql');
    return (path: string): Connection =>
      connectionOf(() => new Database(path) as unknown as NativeDatabase, {
        // One list: a single value that is bytes would be taken for the list.
        bind: (values) => [values],
        codeOf,
      });
  },
};
