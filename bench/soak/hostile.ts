import { connect } from 'node:net';
import sharp from 'sharp';
import type { Random } from './random.ts';

/** A request that nobody should send: does harm for a while, and gives the status that it got (0 for none). */
export interface Hostile {
  readonly kind: string;
  /** Statuses that are right; 0 where the connection may end without one. */
  readonly right: readonly number[];
  attack(port: number): Promise<number>;
}

/** Milliseconds after which a client gives up: longer than any queue, and than the server waits for the slow. */
const PATIENCE_MS = 120_000;
const CRLF = '\r\n';

const head = (path: string, headers: Readonly<Record<string, string | number>>, method = 'POST'): string =>
  [
    `${method} ${path} HTTP/1.1`,
    ...Object.entries({ Host: 'localhost', Connection: 'close', ...headers }).map(([k, v]) => `${k}: ${v}`),
    CRLF,
  ].join(CRLF);

interface RawOptions {
  /** Closes the connection after so many milliseconds. Default: when the answer has come. */
  readonly leaveAfter?: number;
  /** Sends this over and over, so many milliseconds apart. */
  readonly drip?: readonly [string, number];
  /** Never reads what comes back. */
  readonly deaf?: boolean;
}

/** Writes bytes to a socket and gives the status of the answer, or 0. */
function raw(port: number, bytes: string | Uint8Array, options: RawOptions = {}): Promise<number> {
  const { leaveAfter = PATIENCE_MS, drip, deaf } = options;
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    const leaving = setTimeout(() => socket.destroy(), leaveAfter);
    const dripping = drip && setInterval(() => socket.writable && socket.write(drip[0]), drip[1]);
    if (deaf) socket.pause();
    else
      socket.on('data', (chunk) => {
        if (text.length < 100) text += chunk.toString('latin1');
      });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(leaving);
      clearInterval(dripping);
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0));
    });
    socket.write(bytes);
  });
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

const jsonRequest = (path: string, body: string, headers: Readonly<Record<string, string | number>> = {}) =>
  `${head(path, { ...JSON_TYPE, 'Content-Length': Buffer.byteLength(body), ...headers })}${body}`;

function formRequest(path: string, parts: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const body = Buffer.concat([
    ...parts.flatMap(([disposition, content]) => [
      Buffer.from(`--X${CRLF}Content-Disposition: form-data; ${disposition}${CRLF}${CRLF}`),
      content,
      Buffer.from(CRLF),
    ]),
    Buffer.from(`--X--${CRLF}`),
  ]);
  const type = 'multipart/form-data; boundary=X';
  return Buffer.concat([
    Buffer.from(head(path, { 'Content-Type': type, 'Content-Length': body.length })),
    body,
  ]);
}

const imageRequest = (content: Uint8Array): Uint8Array =>
  formRequest('/api/embed/images', [['name="images"; filename="a.png"', content]]);

/** A file of a few kilobytes that decodes to `side` × `side` pixels. */
const flatPng = (side: number) =>
  sharp({ create: { width: side, height: side, channels: 3, background: 'black' }, limitInputPixels: false })
    .toColourspace('b-w')
    .png()
    .toBuffer();

const VALID = JSON.stringify({ texts: ['cat'] });

/** Every kind of attack. @param light without those that last, or keep the server busy, for long */
export async function createHostile(light: boolean): Promise<(random: Random) => Hostile> {
  const [bomb, heavy, picture] = await Promise.all([flatPng(12_000), flatPng(7000), flatPng(900)]);
  const small = Buffer.from('x');
  const manyParts = formRequest(
    '/api/classify',
    Array.from({ length: 50_000 }, () => ['name="labels"; filename="a"', small] as const),
  );
  const sixteenHeavy = formRequest(
    '/api/embed/images',
    Array.from({ length: 16 }, () => ['name="images"; filename="a.png"', heavy] as const),
  );
  const deep = `{"texts":${'['.repeat(120_000)}${']'.repeat(120_000)}}`;
  const wide = `{"texts":[${'"",'.repeat(150_000)}""]}`;
  const kinds: Hostile[] = [
    {
      kind: 'truncated body',
      right: [0, 400, 429],
      attack: (port) =>
        raw(port, jsonRequest('/api/embed', VALID, { 'Content-Length': 900 }), { leaveAfter: 100 }),
    },
    {
      kind: 'truncated upload',
      right: [0, 400, 429],
      attack: (port) => raw(port, imageRequest(picture).subarray(0, 700), { leaveAfter: 100 }),
    },
    {
      kind: 'gone before the answer to a text',
      right: [0, 200, 429],
      attack: (port) =>
        raw(port, jsonRequest('/api/embed', wide.replaceAll('""', '"cat"').slice(0, 400_000)), {
          leaveAfter: 5,
        }),
    },
    {
      kind: 'wrong content type',
      right: [415],
      attack: (port) => raw(port, jsonRequest('/api/embed', VALID, { 'Content-Type': 'text/plain' })),
    },
    {
      kind: 'form as JSON',
      right: [400, 429],
      attack: (port) => raw(port, jsonRequest('/api/embed', '--X\r\n')),
    },
    {
      kind: 'huge JSON',
      right: [413],
      attack: (port) => raw(port, jsonRequest('/api/embed', JSON.stringify({ texts: ['x'.repeat(4e6)] }))),
    },
    {
      kind: 'a gigabyte announced',
      right: [413],
      attack: (port) =>
        raw(
          port,
          head('/api/embed/images', {
            'Content-Type': 'multipart/form-data; boundary=X',
            'Content-Length': 1e9,
          }),
        ),
    },
    {
      kind: 'endless chunks',
      right: [413, 429],
      attack: (port) =>
        raw(
          port,
          `${head('/api/embed', { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' })}${`8000${CRLF}${'x'.repeat(0x8000)}${CRLF}`.repeat(40)}`,
        ),
    },
    { kind: 'deep JSON', right: [400, 429], attack: (port) => raw(port, jsonRequest('/api/embed', deep)) },
    { kind: 'wide JSON', right: [400, 429], attack: (port) => raw(port, jsonRequest('/api/embed', wide)) },
    { kind: 'fifty thousand parts', right: [400, 429], attack: (port) => raw(port, manyParts) },
    {
      kind: 'bomb of 144 million pixels',
      right: [413, 429],
      attack: (port) => raw(port, imageRequest(bomb)),
    },
    {
      kind: 'damaged picture',
      right: [400, 429],
      attack: (port) => raw(port, imageRequest(picture.subarray(0, 500))),
    },
    {
      kind: 'no picture',
      right: [400, 429],
      attack: (port) => raw(port, imageRequest(Buffer.from('GIF89a, they said'))),
    },
    {
      kind: 'foreign host',
      right: [421],
      attack: (port) => raw(port, jsonRequest('/api/embed', VALID, { Host: 'evil.example' })),
    },
    {
      kind: 'foreign page',
      right: [403],
      attack: (port) => raw(port, jsonRequest('/api/embed', VALID, { Origin: 'https://evil.example' })),
    },
    {
      kind: 'no HTTP',
      right: [400],
      attack: (port) => raw(port, Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3])),
    },
    {
      kind: 'endless header',
      right: [431],
      attack: (port) => raw(port, `GET / HTTP/1.1${CRLF}Host: localhost${CRLF}X: ${'x'.repeat(100_000)}`),
    },
    {
      kind: 'way out of the folder',
      right: [404],
      attack: (port) => raw(port, head('/..%2f..%2fetc/passwd', {}, 'GET')),
    },
    {
      kind: 'answers unread',
      right: [0],
      attack: (port) =>
        raw(port, head('/gallery/1.webp', { Connection: 'keep-alive' }, 'GET').repeat(500), {
          deaf: true,
          leaveAfter: 1500,
        }),
    },
  ];
  const lasting: Hostile[] = [
    {
      kind: 'picture of 49 million pixels',
      right: [200, 429],
      attack: (port) => raw(port, imageRequest(heavy), { leaveAfter: PATIENCE_MS }),
    },
    {
      kind: 'gone before the answer',
      right: [0, 429],
      attack: (port) => raw(port, sixteenHeavy, { leaveAfter: 50 }),
    },
    {
      kind: 'slow header',
      // 0: a byte that comes after the connection was closed takes the answer along.
      right: [0, 408],
      attack: (port) => raw(port, `POST /api/embed HTTP/1.1${CRLF}`, { drip: [`X-a: b${CRLF}`, 400] }),
    },
    {
      kind: 'slow body',
      right: [408, 429],
      attack: (port) =>
        raw(port, head('/api/embed', { ...JSON_TYPE, 'Content-Length': 100_000 }), { drip: [' ', 300] }),
    },
    {
      kind: 'slow upload',
      right: [408, 429],
      attack: (port) =>
        raw(
          port,
          head('/api/embed/images', {
            'Content-Type': 'multipart/form-data; boundary=X',
            'Content-Length': 20e6,
          }),
          { drip: ['-'.repeat(1000), 200] },
        ),
    },
  ];
  const all = light ? kinds : [...kinds, ...lasting];
  return (random) => random.pick(all);
}
