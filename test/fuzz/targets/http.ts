import { connect } from 'node:net';
import { join } from 'node:path';
import { serve } from '../../../src/server/serve.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { saveTinyModelWithGallery } from '../../server/tinyModel.ts';
import { Finding, type FuzzTarget } from '../harness/target.ts';
import { mutateBytes } from '../mutators/bytes.ts';
import { mutateJson } from '../mutators/json.ts';
import { PNG } from './pixel.ts';

/** An input is what a client sends over one connection before it closes its side. */
function request(
  line: string,
  headers: readonly string[] = [],
  body: Uint8Array = new Uint8Array(),
): Uint8Array {
  const length = body.length > 0 ? [`content-length: ${body.length}`] : [];
  const head = [line, 'host: 127.0.0.1', 'connection: close', ...headers, ...length, '', ''].join('\r\n');
  return new Uint8Array(Buffer.concat([Buffer.from(head), body]));
}

const json = (path: string, body: unknown): Uint8Array =>
  request(`POST ${path} HTTP/1.1`, ['content-type: application/json'], Buffer.from(JSON.stringify(body)));

function form(path: string, fields: readonly (readonly [string, string | Uint8Array])[]): Uint8Array {
  const parts = fields.map(([name, value]) => {
    const file = typeof value === 'string' ? '' : '; filename="a.png"\r\ncontent-type: image/png';
    return Buffer.concat([
      Buffer.from(`--xx\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]);
  });
  const body = Buffer.concat([...parts, Buffer.from('--xx--\r\n')]);
  return request(`POST ${path} HTTP/1.1`, ['content-type: multipart/form-data; boundary=xx'], body);
}

const chunked = Buffer.from('7\r\n{"texts\r\na\r\n":["cat"]}\r\n0\r\n\r\n');

const SEEDS = [
  json('/api/search', { text: 'a cat', limit: 3 }),
  json('/api/embed', { texts: ['a cat', '고양이'] }),
  form('/api/embed/images', [
    ['images', PNG],
    ['images', PNG],
  ]),
  form('/api/classify', [
    ['image', PNG],
    ['labels', 'a cat'],
    ['labels', 'a dog'],
  ]),
  request('GET /gallery/0.webp HTTP/1.1'),
  request('GET /openapi.json HTTP/1.1', ['accept-encoding: gzip']),
  request('HEAD / HTTP/1.1', ['if-none-match: "x"']),
  request('GET /api/model HTTP/1.1'),
  new Uint8Array(
    Buffer.concat([
      Buffer.from('POST /api/embed HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n'),
      Buffer.from('content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'),
      chunked,
    ]),
  ),
];

const END = '\r\n\r\n';

/** Changes the body alone and says its length, or changes any bytes. */
function mutateRequest(random: Random, seed: Uint8Array, seeds: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.from(seed);
  const at = bytes.indexOf(END) + END.length;
  const [head, body] = [bytes.subarray(0, at).toString('latin1'), bytes.subarray(at)];
  if (!/content-length/.test(head) || random.int(3) === 0) return mutateBytes(random, seed, seeds);
  const change = head.includes('application/json') ? mutateJson : mutateBytes;
  const changed = change(random, body, [body]);
  const told = head.replace(/content-length: \d+/, `content-length: ${changed.length}`);
  return new Uint8Array(Buffer.concat([Buffer.from(told, 'latin1'), changed]));
}

/** Sends bytes, closes our side, and takes what comes until the other side is closed. */
const exchange = (port: number, input: Uint8Array): Promise<Buffer> =>
  new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('data', (part: Buffer) => parts.push(part));
    // A server may close while we still send.
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(parts)));
    socket.on('end', () => socket.end());
    socket.end(input);
  });

/** The failures that are the server's own; 503 says that it is busy. */
const isFailure = (status: number): boolean =>
  status >= 500 && status !== 501 && status !== 503 && status !== 505;

export const httpTarget: FuzzTarget = {
  what: 'requests to the server, from their first byte on',
  seeds: async () => SEEDS,
  mutate: mutateRequest,
  async start(folder) {
    const model = join(folder, 'model');
    await saveTinyModelWithGallery(model);
    let failures: string[] = [];
    const log = (line: string): void => void failures.push(line);
    const server = await serve({ model, port: 0, threads: 1, signals: false, log });
    const port = Number(new URL(server.url).port);
    return {
      async read(input) {
        failures = [];
        const answer = (await exchange(port, input)).toString('latin1');
        const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
        const failure = failures[0] ?? statuses.find(isFailure);
        if (failure !== undefined) throw new Finding(`the server failed: ${failure}`);
        return statuses.join(' ') || 'closed';
      },
      close: () => server.close(),
    };
  },
};
