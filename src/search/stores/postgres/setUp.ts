import { z } from 'zod';
import { type ColumnTypes, SCHEMA_VERSION, tables } from '../sql/schema.ts';
import type { Query } from './connection/connection.ts';

/** Numbers of whole programs' locks are shared by all that use a database: the first half says that it is ours. */
export const LOCKS = { setUp: 0x516c0, change: 0x516c1, index: 0x516c2 } as const;

const TYPES: ColumnTypes = {
  integer: 'bigint',
  real: 'double precision',
  text: 'text COLLATE "C"',
  bytes: 'bytea',
};

/** With it came searches by the index that go on until they have enough. */
const OLDEST_PGVECTOR = [0, 8] as const;

const REGISTRY = [
  'CREATE SCHEMA IF NOT EXISTS siglip2',
  `CREATE TABLE IF NOT EXISTS siglip2.collections (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name ${TYPES.text} NOT NULL UNIQUE,
    format bigint NOT NULL
  )`,
];

/** Where a collection's tables are. */
export interface Place {
  readonly id: number;
  /** Schemas in which names are looked up: its own, then that of pgvector. */
  readonly path: string;
  /** Number of the type halfvec. */
  readonly halfvec: number;
}

const surroundingsSchema = z.object({
  encoding: z.string(),
  version: z.string().nullable(),
  schema: z.string().nullable(),
  registered: z.boolean(),
});
const rowSchema = z.object({ id: z.number(), format: z.number() });
const typeSchema = z.object({ halfvec: z.number() });

const schemaOf = (id: number): string => `siglip2_${id}`;

/** @throws Error when the installed version lacks what searches need */
function checkVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = OLDEST_PGVECTOR;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new Error(
    `pgvector ${version} is too old: install ${leastMajor}.${leastMinor} or later on the server, then run ALTER EXTENSION vector UPDATE in this database`,
  );
}

async function surroundings(query: Query) {
  const [row] = await query(
    `SELECT getdatabaseencoding()::text AS encoding, e.extversion AS version, quote_ident(n.nspname) AS schema,
       to_regclass('siglip2.collections') IS NOT NULL AS registered
     FROM (SELECT) AS one
     LEFT JOIN pg_extension e ON e.extname = 'vector'
     LEFT JOIN pg_namespace n ON n.oid = e.extnamespace`,
  );
  return surroundingsSchema.parse(row);
}

/** Finds a collection. @returns undefined where there is none */
export async function findPlace(query: Query, name: string): Promise<Place | undefined> {
  const { version, schema, registered } = await surroundings(query);
  if (!registered || version === null || schema === null) return undefined;
  const [row] = await query('SELECT id, format FROM siglip2.collections WHERE name = $1', [name]);
  if (row === undefined) return undefined;
  checkVersion(version);
  const { id, format } = rowSchema.parse(row);
  if (format > SCHEMA_VERSION)
    throw new Error(`the collection '${name}' was made by a later version of siglip2; update this one`);
  const [type] = await query('SELECT $1::regtype::oid::bigint AS halfvec', [`${schema}.halfvec`]);
  return { id, path: `${schemaOf(id)}, ${schema}`, halfvec: typeSchema.parse(type).halfvec };
}

/** Makes a collection and, where it is the first, what all share. In a transaction; nothing where there is one already. */
export async function createPlace(query: Query, name: string): Promise<void> {
  // Two that make the same at once fail else.
  await query('SELECT pg_advisory_xact_lock($1, 0)', [LOCKS.setUp]);
  const { encoding, version } = await surroundings(query);
  if (encoding !== 'UTF8')
    throw new Error(
      `the database keeps text as ${encoding}; make one with createdb --encoding=UTF8 --template=template0`,
    );
  if (version === null) await query('CREATE EXTENSION vector');
  else checkVersion(version);
  if (await findPlace(query, name)) return;
  await query(REGISTRY.join(';\n'));
  const [row] = await query(
    'INSERT INTO siglip2.collections (name, format) VALUES ($1, $2) RETURNING id, format',
    [name, SCHEMA_VERSION],
  );
  const schema = schemaOf(rowSchema.parse(row).id);
  await query([`CREATE SCHEMA ${schema}`, `SET LOCAL search_path = ${schema}`, ...tables(TYPES)].join(';\n'));
}

/** Names of all collections, sorted. */
export async function listNames(query: Query): Promise<string[]> {
  const { registered } = await surroundings(query);
  if (!registered) return [];
  const rows = await query('SELECT name FROM siglip2.collections ORDER BY name');
  return rows.map((row) => z.object({ name: z.string() }).parse(row).name);
}

/** Removes a collection. In a transaction. @returns false where there is none */
export async function removePlace(query: Query, name: string): Promise<boolean> {
  await query("SELECT set_config('lock_timeout', '10s', true)");
  const { registered } = await surroundings(query);
  if (!registered) return false;
  const [row] = await query('DELETE FROM siglip2.collections WHERE name = $1 RETURNING id, format', [name]);
  if (row === undefined) return false;
  await query(`DROP SCHEMA ${schemaOf(rowSchema.parse(row).id)} CASCADE`);
  return true;
}
