import { createServer, type ServerResponse } from 'node:http';
import { isFetched } from '../../../scripts/postgres/wheel.ts';
import { startServer, type TestServer } from './server.ts';

/** Where tests ask for the run's server: set for the processes that run them. */
export const ASK_AT = 'SIGLIP2_TEST_POSTGRES_AT';

/** What tests are told: an address, or why there is none. */
export interface Answer {
  readonly address?: string;
  readonly missing?: string;
}

const HOW_TO_GET = 'npm run postgres:fetch (14 MB), or set SIGLIP2_TEST_DATABASE to the address of one';

/**
 * One PostgreSQL for all tests of a run: this process starts it when the first test asks, and stops it at the end. Where it
 * is not there, says in the end which files were skipped, and how to get it.
 */
export async function setup(): Promise<undefined | (() => Promise<void>)> {
  // Each project calls this.
  if (process.env[ASK_AT]) return undefined;
  const skipped: string[] = [];
  let server: Promise<TestServer> | undefined;
  const answer = async (file: string): Promise<Answer> => {
    const given = process.env['SIGLIP2_TEST_DATABASE'];
    if (given) return { address: given };
    if (!isFetched()) {
      skipped.push(file);
      return { missing: `no PostgreSQL to test with; ${HOW_TO_GET}` };
    }
    server ??= startServer();
    return { address: (await server).address() };
  };
  const send = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const http = createServer((request, response) => {
    const file = decodeURIComponent(request.url?.slice(1) ?? '');
    answer(file).then(
      (body) => send(response, 200, body),
      (error: unknown) => send(response, 500, String(error)),
    );
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  http.unref();
  const place = http.address();
  if (place !== null && typeof place !== 'string') process.env[ASK_AT] = `http://127.0.0.1:${place.port}`;
  return async () => {
    delete process.env[ASK_AT];
    http.closeAllConnections();
    http.close();
    await (await server?.catch(() => undefined))?.remove();
    if (skipped.length > 0)
      console.log(
        `\nSkipped for want of a PostgreSQL: ${skipped.sort().join(', ')}.\nTo run them: ${HOW_TO_GET}.`,
      );
  };
}
