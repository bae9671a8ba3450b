import { randomBytes } from 'node:crypto';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { ASK_AT } from './postgres/oncePerRun.ts';

const answerSchema = z.object({ address: z.string().optional(), missing: z.string().optional() });

/** The PostgreSQL of a test run. */
export interface TestPostgres {
  /** Of its first database, as a user who may do everything. */
  readonly address: string;
  /** Runs statements there. */
  run(...statements: readonly string[]): Promise<void>;
  /** Makes an empty database. @returns its address */
  createDatabase(): Promise<string>;
  /** Removes the databases that were made. */
  close(): Promise<void>;
}

/** The same server, another database. */
export function databaseAt(address: string, database: string): string {
  const url = new URL(address);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs statements in a database. @returns the rows of the last */
export async function runIn(address: string, ...statements: readonly string[]): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/**
 * The run's PostgreSQL, started by the first that asks; undefined where this machine has none, so that the tests of the file
 * are skipped (and named at the end of the run).
 * @param file `import.meta.url` of the test file
 * @throws Error instead, where `SIGLIP2_REQUIRE_POSTGRES` is set
 */
export async function testPostgres(file: string): Promise<TestPostgres | undefined> {
  const path = relative(process.cwd(), fileURLToPath(file)).split(sep).join('/');
  const response = await fetch(`${process.env[ASK_AT]}/${encodeURIComponent(path)}`);
  if (!response.ok) throw new Error(await response.text());
  const { address, missing } = answerSchema.parse(await response.json());
  if (address === undefined) {
    if (process.env['SIGLIP2_REQUIRE_POSTGRES']) throw new Error(missing);
    return undefined;
  }
  const made: string[] = [];
  return {
    address,
    run: async (...statements) => {
      await runIn(address, ...statements);
    },
    createDatabase: async () => {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await runIn(address, `create database ${name}`);
      made.push(name);
      return databaseAt(address, name);
    },
    close: async () => {
      await runIn(address, ...made.map((name) => `drop database if exists ${name} with (force)`));
    },
  };
}
