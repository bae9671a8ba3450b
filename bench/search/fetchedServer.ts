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

/** Bytes of the database at an address. */
export async function databaseBytes(address: string): Promise<number> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    const { rows } = await client.query<{ bytes: string }>(
      'SELECT pg_database_size(current_database()) AS bytes',
    );
    return Number(rows[0]?.bytes ?? 0);
  } finally {
    await client.end();
  }
}
