import { z } from 'zod';
import { vectorTable } from '../../sql/schema.ts';
import type { Query } from '../connection/connection.ts';
import type { OwnConnection } from '../connection/database.ts';
import { isOutOfSpace } from '../connection/databaseError.ts';
import { LOCKS } from '../setUp.ts';
import type { VectorModel } from './halfvec.ts';
import { MOST_INDEXED_VALUES } from './halfvec.ts';

const indexName = (model: number): string => `${vectorTable(model)}_hnsw`;

export interface IndexState {
  /** Whether there are more vectors than are compared one by one. */
  readonly isLarge: boolean;
  readonly isIndexed: boolean;
}

const stateSchema = z.object({ large: z.boolean(), indexed: z.boolean() });

/** @param exactLimit vectors that are compared one by one */
export async function readIndexState(query: Query, model: number, exactLimit: number): Promise<IndexState> {
  const [row] = await query(
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM ${vectorTable(model)} LIMIT $1::bigint + 1) AS few) > $1::bigint AS large,
       EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('${indexName(model)}') AND indisvalid) AS indexed`,
    [exactLimit],
  );
  const { large, indexed } = stateSchema.parse(row);
  return { isLarge: large, isIndexed: indexed };
}

/** What a build may take of the server's memory: graphs that do not fit are built on disk, which takes many times as long. */
const MOST_MEGABYTES = 2048;

/** Vectors, and per row some 32 links of 8 bytes with their lists. */
const megabytes = (rows: number, width: number): number =>
  Math.min(MOST_MEGABYTES, Math.max(64, Math.ceil((rows * (2 * width + 800)) / 2 ** 20)));

const rowsSchema = z.object({ rows: z.number() });
const lockedSchema = z.object({ locked: z.boolean() });

async function build(query: Query, { id, width }: VectorModel, begun: () => void): Promise<void> {
  const table = vectorTable(id);
  const [row] = await query(`SELECT count(*) AS rows FROM ${table}`);
  const memory = megabytes(rowsSchema.parse(row).rows, width);
  await query(
    `SELECT set_config('maintenance_work_mem', greatest($1::bigint, pg_size_bytes(current_setting('maintenance_work_mem')) / 1048576) || 'MB', false)`,
    [memory],
  );
  // What was left by a build that was stopped.
  await query(`DROP INDEX IF EXISTS ${indexName(id)}`);
  // Writing and searching go on meanwhile.
  const statement = `CREATE INDEX CONCURRENTLY ${indexName(id)} ON ${table} USING hnsw (vector halfvec_ip_ops)`;
  const made = query(statement);
  begun();
  try {
    await made;
  } catch (error) {
    if (!isOutOfSpace(error)) throw error;
    // Several processes need shared memory, of which a container has little.
    await query('SET max_parallel_maintenance_workers = 0');
    await query(`DROP INDEX IF EXISTS ${indexName(id)}`);
    await query(statement);
  }
}

/**
 * Makes the index of a model's vectors where there is none, unless another process is at it. The server goes on with it also
 * when this program ends.
 * @param collection its number: one build of a collection at a time
 * @param begun is called when the server is at it
 */
export async function buildIndex(
  connection: OwnConnection,
  collection: number,
  model: VectorModel,
  exactLimit: number,
  begun: () => void,
): Promise<void> {
  const { query } = connection;
  if (model.width > MOST_INDEXED_VALUES) return;
  const [row] = await query('SELECT pg_try_advisory_lock($1, $2) AS locked', [LOCKS.index, collection]);
  if (!lockedSchema.parse(row).locked) return;
  const { isLarge, isIndexed } = await readIndexState(query, model.id, exactLimit);
  if (!isLarge || isIndexed) return;
  await query("SELECT set_config('client_connection_check_interval', '0', false)");
  await build(query, model, begun);
}
