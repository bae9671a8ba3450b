import pg from 'pg';
import { startServer } from '../../test/support/postgres/server.ts';

/** What a server on a machine of its own would be given: its defaults are for 128 MiB. */
const SETTINGS = {
  shared_buffers: '2GB',
  maintenance_work_mem: '3GB',
  max_parallel_maintenance_workers: '2',
};

/** Runs something beside the PostgreSQL that `npm run postgres:fetch` brings. */
export async function withFetchedServer<T>(use: (address: string) => Promise<T>): Promise<T> {
  const server = await startServer();
  try {
    const client = new pg.Client({ connectionString: server.address() });
    await client.connect();
    for (const [name, value] of Object.entries(SETTINGS))
      await client.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    await client.end();
    await server.stop();
    await server.start();
    return await use(server.address());
  } finally {
    await server.remove();
  }
}

async function numberFrom(address: string, statement: string): Promise<number> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    const { rows } = await client.query<{ number: string }>(statement);
    return Number(rows[0]?.number ?? 0);
  } finally {
    await client.end();
  }
}

/** Bytes of the database at an address. */
export const databaseBytes = (address: string): Promise<number> =>
  numberFrom(address, 'SELECT pg_database_size(current_database()) AS number');

/** Waits until the server is done with indexes: it makes them also when the program that wanted them has ended. */
export async function untilIndexed(address: string): Promise<void> {
  const running = `SELECT count(*) AS number FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'CREATE INDEX%' AND state = 'active' AND pid <> pg_backend_pid()`;
  do await new Promise((done) => setTimeout(done, 200));
  while ((await numberFrom(address, running)) > 0);
}
