export type SqlValue = string | number | null | Uint8Array;
/** Columns by name; bytes are a Uint8Array. */
export type Row = Readonly<Record<string, unknown>>;

/** An open database. Everything is done when the call returns. */
export interface Connection {
  /** Statements without values. */
  exec(sql: string): void;
  run(sql: string, values?: readonly SqlValue[]): void;
  all(sql: string, values?: readonly SqlValue[]): Row[];
  close(): void;
}

/** A file, made where there is none. */
export type Connect = (path: string) => Connection;

/** A SQLite that a program can have. */
export interface Driver {
  readonly name: string;
  /** @throws Error where there is none here */
  load(): Promise<Connect>;
}

/** What SQLite refused. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';
  /** SQLite's primary result code, e.g. 5 for SQLITE_BUSY; 1 where the driver says none. */
  readonly code: number;

  constructor(message: string, code: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A statement of a driver. */
interface NativeStatement {
  all(...values: unknown[]): unknown;
  run(...values: unknown[]): unknown;
}

/** What all drivers have, in spite of their differences. */
export interface NativeDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): NativeStatement;
  close(): unknown;
}

export interface DriverTraits {
  /** How values are handed to a statement. */
  bind(values: readonly SqlValue[]): unknown[];
  /** The result code of an error, perhaps an extended one. */
  codeOf(error: unknown): number | undefined;
}

/** Statements that are kept; conditions of filters make new ones. */
const MOST_STATEMENTS = 200;

/** Makes a driver's database a {@link Connection}. */
export function connectionOf(open: () => NativeDatabase, { bind, codeOf }: DriverTraits): Connection {
  function attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new SqliteError(message, (codeOf(error) ?? 1) & 0xff, { cause: error });
    }
  }
  const database = attempt(open);
  const statements = new Map<string, NativeStatement>();

  function statement(sql: string): NativeStatement {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= MOST_STATEMENTS) statements.clear();
    const made = database.prepare(sql);
    statements.set(sql, made);
    return made;
  }

  return {
    exec: (sql) => void attempt(() => database.exec(sql)),
    run: (sql, values = []) => void attempt(() => statement(sql).run(...bind(values))),
    all: (sql, values = []) =>
      attempt(() => (statement(sql).all(...bind(values)) as Record<string, unknown>[]).map(withBytes)),
    close: () => {
      statements.clear();
      attempt(() => database.close());
    },
  };
}

/** libsql gives an ArrayBuffer. */
function withBytes(row: Record<string, unknown>): Row {
  for (const column in row) {
    const value = row[column];
    if (value instanceof ArrayBuffer) row[column] = new Uint8Array(value);
  }
  return row;
}
