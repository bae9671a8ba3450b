import type { ClientBase } from 'pg';
import { z } from 'zod';

export type Row = Readonly<Record<string, unknown>>;

/** Runs a statement. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** A type of PostgreSQL in the results of statements: whole numbers of 64 bits come as text else. */
const INT8 = 20;

const pidSchema = z.object({ pid: z.number() });

/** What is set in a connection, if the server knows it; none of it needs a right. */
const SETTINGS: Readonly<Record<string, string>> = {
  // A statement whose program died is stopped, and what it had locked is free, also where a machine just vanished.
  client_connection_check_interval: '2s',
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
  // As on all drives without a moving arm: some thousand rows are looked up then, instead of reading all of a table.
  random_page_cost: '1.1',
  // Without it, a search by the index gives what is left of ef_search rows after the filter: too few.
  'hnsw.iterative_scan': 'strict_order',
  'hnsw.ef_search': '400',
  // What ends the search is the number of rows that were asked for.
  'hnsw.max_scan_tuples': '2000000',
  'hnsw.scan_mem_multiplier': '32',
};

/** Each by itself: servers of older versions, or on other systems, refuse some. */
const SET = `DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT key, value FROM json_each_text('${JSON.stringify(SETTINGS)}') LOOP
    BEGIN PERFORM set_config(one.key, one.value, false); EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP;
END $$`;

/** What a connection is at. */
interface State {
  readonly pid: number;
  /** Where names of tables are looked up. */
  path: string;
}

const states = new WeakMap<ClientBase, State>();

async function prepare(client: ClientBase): Promise<State> {
  client.setTypeParser(INT8, Number);
  await client.query(SET);
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  const state = { pid: pidSchema.parse(rows[0]).pid, path: '' };
  states.set(client, state);
  return state;
}

/**
 * Readies a connection for statements on the tables of a schema.
 * @param path names of schemas, quoted where they have to be
 * @returns the number of its process on the server
 */
export async function useSchemas(client: ClientBase, path: string): Promise<number> {
  const state = states.get(client) ?? (await prepare(client));
  if (state.path !== path) {
    await client.query('SELECT set_config($1, $2, false)', ['search_path', path]);
    state.path = path;
  }
  return state.pid;
}

/** Statements of a connection. */
export const queryOf =
  (client: ClientBase): Query =>
  async (text, values = []) =>
    (await client.query(text, [...values])).rows;
