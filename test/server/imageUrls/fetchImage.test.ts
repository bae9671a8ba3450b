import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:tls';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFetchImage } from '../../../src/server/imageUrls/fetchImage.ts';
import { isGlobalAddress } from '../../../src/server/imageUrls/globalAddress.ts';
import { png } from '../requests.ts';

/** What is at each path of a server on this machine. */
const places = new Map<string, (answer: ServerResponse, request: IncomingMessage) => void>();
const asked: string[] = [];
const server = createServer((request, answer) => {
  asked.push(`${request.headers.host} ${request.url}`);
  const place = places.get(request.url ?? '');
  if (place) place(answer, request);
  else answer.writeHead(404).end('a secret of this host');
});
let port = 0;
let picture: Uint8Array;

beforeAll(async () => {
  picture = new Uint8Array(await (await png(255, 0, 0)).arrayBuffer());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address) port = address.port;
  return () => {
    server.closeAllConnections();
    server.close();
  };
});
afterAll(() => vi.unstubAllEnvs());

const limits = { maxBytes: 100_000, milliseconds: 2000, redirects: 3, atOnce: 4, bytes: 2 ** 23 };
const never = new AbortController().signal;

/** Names of a made-up internet, in which 127.0.0.1 is a public address. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'pictures.example': ['127.0.0.1'],
  'inner.example': ['10.0.0.1'],
  'both.example': ['127.0.0.1', '10.0.0.1'],
  'mapped.example': ['::ffff:169.254.169.254'],
};

function fetching(changes: Partial<typeof limits> = {}, names = NAMES) {
  const resolve = vi.fn(async (host: string) => (/^[\d.]+$|:/.test(host) ? [host] : (names[host] ?? [])));
  const isAllowed = (address: string) => address === '127.0.0.1' || isGlobalAddress(address);
  const fetchImage = createFetchImage({ resolve, isAllowed }, { ...limits, ...changes });
  return { fetchImage: (url: string, signal = never) => fetchImage(url, { signal }), resolve };
}

const at = (path: string, host = 'pictures.example') => `http://${host}:${port}${path}`;

/** Serves something at a path for the length of the file. */
function place(path: string, answer: (response: ServerResponse, request: IncomingMessage) => void): string {
  places.set(path, answer);
  return at(path);
}
const body = (path: string, bytes: Uint8Array, headers: Record<string, string> = {}): string =>
  place(path, (answer) => answer.writeHead(200, { 'content-type': 'image/png', ...headers }).end(bytes));

describe('an image by its address', () => {
  it('is fetched with its bytes, by its own name, and by no proxy', async () => {
    for (const name of ['http_proxy', 'HTTP_PROXY', 'ALL_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:9');
    const { fetchImage } = fetching();
    const { file, release } = await fetchImage(`${body('/a.png', picture)}?key=secret`);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(picture);
    expect(file.name).toBe(at('/a.png'));
    expect(asked.at(-1)).toBe(`pictures.example:${port} /a.png?key=secret`);
    release();
  });

  beforeAll(() => {
    places.set('/a.png?key=secret', (answer) => answer.writeHead(200).end(picture));
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('is read through %s', async (encoding, compress) => {
    const url = body(`/${encoding}`, compress(picture), { 'content-encoding': encoding });
    const { file } = await fetching().fetchImage(url);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(picture);
  });

  it('is found behind redirects, at most three', async () => {
    const redirect = (from: string, to: string) =>
      place(from, (answer) => answer.writeHead(302, { location: to }).end());
    body('/end', picture);
    redirect('/1', '/end');
    redirect('/2', at('/1'));
    expect((await fetching().fetchImage(redirect('/3', '/2'))).file.size).toBe(picture.length);
    await expect(fetching().fetchImage(redirect('/4', '/3'))).rejects.toThrow(/redirected more than 3 times/);
  });
});

describe('an address that is not of the public internet', () => {
  it.each([
    'http://inner.example/',
    'http://both.example/',
    'http://mapped.example/',
    'http://no-such-name.example/',
    'http://127.0.0.2/',
    'http://2130706434/',
    'http://0x7f000002/',
    'http://0177.0.0.2/',
    'http://127.2/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[64:ff9b::a00:1]/',
    'http://0/',
  ])('is refused: %s', async (url) => {
    const before = asked.length;
    await expect(fetching().fetchImage(url)).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/is not fetched: \S+ has no address, or one that is not of the public/),
    });
    expect(asked.length).toBe(before);
  });

  it('is refused behind a redirect too', async () => {
    for (const [i, target] of [
      'http://inner.example/',
      'http://[::1]/',
      `http://127.0.0.2:${port}/`,
    ].entries()) {
      const url = place(`/to-inner-${i}`, (answer) => answer.writeHead(307, { location: target }).end());
      await expect(fetching().fetchImage(url)).rejects.toThrow(
        /has no address, or one that is not of the public/,
      );
    }
    const url = place('/to-file', (answer) =>
      answer.writeHead(301, { location: 'file:///etc/passwd' }).end(),
    );
    await expect(fetching().fetchImage(url)).rejects.toThrow(/only http and https/);
  });

  it('is not reached by a name that means another one a moment later', async () => {
    const { fetchImage, resolve } = fetching();
    resolve.mockResolvedValueOnce(['127.0.0.1']).mockResolvedValue(['10.0.0.1']);
    const { file } = await fetchImage(body('/rebound', picture));
    expect(file.size).toBe(picture.length);
    expect(resolve).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['file:///etc/passwd', /only http and https/],
    ['ftp://pictures.example/', /only http and https/],
    ['data:image/png;base64,AAAA', /only http and https/],
    ['http://user:password@pictures.example/', /user name or a password/],
    ['not an address', /is no address/],
    [`http://pictures.example/${'x'.repeat(3000)}`, /is no address/],
  ])('is refused: %s', async (url, message) => {
    const told = await fetching()
      .fetchImage(url)
      .catch((error: unknown) => String(error));
    expect(told).toMatch(message);
    expect(told).not.toContain('password@');
  });
});

describe('a host that means no good', () => {
  const hang = (_answer: ServerResponse) => {};

  beforeAll(() => {
    const image = { 'content-type': 'image/png' };
    place('/page', (answer) =>
      answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>'),
    );
    body('/empty', new Uint8Array());
    place('/announced', (answer) =>
      answer.writeHead(200, { ...image, 'content-length': 1e9 }).flushHeaders(),
    );
    place('/endless', (answer) => {
      answer.writeHead(200, image);
      const more = () => {
        while (!answer.destroyed && answer.write(new Uint8Array(16_384)));
        if (!answer.destroyed) answer.once('drain', more);
      };
      more();
    });
    body('/bomb', gzipSync(new Uint8Array(10e6)), { 'content-encoding': 'gzip' });
    place('/early', (answer) => {
      answer.writeHead(200, { ...image, 'content-length': 1000 }).write('x');
      setTimeout(() => answer.destroy(), 20);
    });
    body('/broken', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8), { 'content-encoding': 'gzip' });
    body('/zstd', picture, { 'content-encoding': 'zstd' });
    place('/silent', hang);
    place('/slow', (answer) => {
      answer.writeHead(200, image);
      const timer = setInterval(() => answer.write('x'), 20);
      answer.on('close', () => clearInterval(timer));
    });
  });

  it.each<[string, string, RegExp, Partial<typeof limits>?]>([
    ['says no', '/nothing', /was answered with status 404$/],
    ['sends a page', '/page', /is "text\/html", not an image/],
    ['sends nothing', '/empty', /is an empty file/],
    ['announces too much', '/announced', /more than the limit of 100000 bytes/],
    ['sends without end', '/endless', /more than the limit of 100000 bytes/],
    ['sends a bomb', '/bomb', /more than the limit of 100000 bytes/],
    ['ends early', '/early', /ended early, or came damaged/],
    ['sends broken gzip', '/broken', /ended early, or came damaged/],
    ['sends another encoding', '/zstd', /content encoding that is not read/],
    ['never answers', '/silent', /did not arrive within 0\.15 s/, { milliseconds: 150 }],
    ['sends slowly', '/slow', /did not arrive within 0\.15 s/, { milliseconds: 150 }],
  ])('%s', async (_, path, message, changes) => {
    const { fetchImage } = fetching(changes);
    await expect(fetchImage(at(path))).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(message),
    });
    // Its places and memory are free again.
    const again = await Promise.all([1, 2, 3, 4, 5].map(() => fetchImage(body('/good', picture))));
    expect(again).toHaveLength(5);
  });

  it('is given up when the client is gone', async () => {
    place('/silent', hang);
    const client = new AbortController();
    const fetched = fetching().fetchImage(at('/silent'), client.signal);
    setTimeout(() => client.abort(new Error('gone')), 30);
    await expect(fetched).rejects.toThrow('gone');
  });

  it('cannot make all images together hold more than their share', async () => {
    const { fetchImage } = fetching({ bytes: 2 ** 19 });
    const url = body('/good', picture);
    const [first] = [await fetchImage(url), await fetchImage(url)];
    await expect(fetchImage(url)).rejects.toMatchObject({ status: 429 });
    first.release();
    first.release();
    await fetchImage(url);
    await expect(fetchImage(url)).rejects.toMatchObject({ status: 429 });
  });

  it('is asked by its name where the connection is encrypted, and has to prove it', async () => {
    const names: string[] = [];
    const tls = createTlsServer({
      SNICallback(name, done) {
        names.push(name);
        done(new Error('no certificate'));
      },
    }).listen(0, '127.0.0.1');
    tls.on('tlsClientError', () => {});
    await once(tls, 'listening');
    const address = tls.address();
    const to = typeof address === 'object' && address ? address.port : 0;
    await expect(fetching().fetchImage(`https://pictures.example:${to}/`)).rejects.toThrow(
      /cannot be reached$/,
    );
    expect(names).toEqual(['pictures.example']);
    tls.close();
  });
});
