import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/server/app.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import { readBody } from '../../../src/server/requests/body.ts';
import { createReception, type Reception } from '../../../src/server/requests/receive.ts';
import type { Service } from '../../../src/server/service.ts';
import { fakeEncoder } from '../fakeEncoder.ts';
import { form, HOST, json, png } from '../requests.ts';

const URL_ANYWHERE = 'http://127.0.0.1:7272/';
const MIB = 2 ** 20;

/** A body that never ends by itself: so many bytes every so many milliseconds. */
const trickle = (bytes: number, everyMs: number): ReadableStream<Uint8Array> => {
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue(new Uint8Array(bytes)), everyMs);
    },
    cancel() {
      clearInterval(timer);
    },
  });
};
const sent = (body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
  new Request(URL_ANYWHERE, { method: 'POST', headers, body, duplex: 'half' });

describe('readBody', () => {
  const pace = { silenceMs: 80, bytesPerSecond: 10_000 };

  it('refuses a body that comes too slowly or not at all', async () => {
    await expect(readBody(sent(trickle(1, 5)), MIB, pace)).rejects.toMatchObject({ status: 408 });
    await expect(readBody(sent(trickle(1, 1e6)), MIB, pace)).rejects.toMatchObject({ status: 408 });
  });

  it('refuses a body above the limit as soon as it is, whatever it announces', async () => {
    await expect(readBody(sent(trickle(1000, 1)), 5000, pace)).rejects.toMatchObject({ status: 413 });
    const lying = sent(trickle(1000, 1), { 'content-length': '2000' });
    await expect(readBody(lying, MIB, pace)).rejects.toMatchObject({ status: 413 });
  });

  it('says that a body ended early', async () => {
    const cut = new Request(URL_ANYWHERE, {
      method: 'POST',
      headers: { 'content-length': '9' },
      body: 'short',
    });
    await expect(readBody(cut, MIB)).rejects.toMatchObject({ status: 400, message: 'the body ended early' });
  });
});

/** An encoder whose texts wait until they are let go, and what it was asked for. */
function stalled() {
  const asked: (readonly string[])[] = [];
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const plain = fakeEncoder();
  const encoder = fakeEncoder({
    async embedTexts(texts) {
      asked.push(texts);
      await gate;
      return plain.embedTexts(texts);
    },
  });
  return { encoder, asked, release };
}

const appWith = (reception: Reception, encoder: Service['encoder']) =>
  createApp({ encoder, model: describeModel('m', encoder), reception });

const SHARED = { requests: 2, jsonBytes: MIB, formBytes: 80 * MIB };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('receiving', () => {
  it('answers 429 with Retry-After when too many are under way, and takes the next when one is done', async () => {
    const { encoder, asked, release } = stalled();
    const reception = createReception(SHARED);
    const app = appWith(reception, encoder);
    const embed = () => app.request('/api/embed', json({ texts: ['red'] }));
    const running = [embed(), embed()];
    await until(() => asked.length === 2);
    const refused = await embed();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toEqual({ error: expect.stringMatching(/busy.*again in 1 s/) });
    release();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await embed()).status).toBe(200);
    expect(reception.places.used + reception.jsonBytes.used).toBe(0);
  });

  it('gives back bytes and places after every kind of refusal', async () => {
    const reception = createReception(SHARED);
    const app = appWith(reception, fakeEncoder());
    const headers = { ...HOST, 'content-type': 'multipart/form-data; boundary=X' };
    const requests: [string, RequestInit, number][] = [
      ['/api/embed', json('{"texts":'), 400],
      ['/api/embed', json({ texts: [] }), 400],
      ['/api/embed', json('x'.repeat(MIB)), 413],
      ['/api/embed', { method: 'POST', headers: HOST, body: 'a' }, 415],
      [
        '/api/embed',
        { method: 'POST', headers: { ...HOST, 'content-type': 'application/jsonp' }, body: 'a' },
        415,
      ],
      ['/api/classify', { method: 'POST', headers, body: 'not a form' }, 400],
      ['/api/classify', { method: 'POST', headers: { ...headers, 'content-length': 'x' }, body: 'a' }, 400],
      [
        '/api/classify',
        { method: 'POST', headers: { ...headers, 'content-length': '99999999' }, body: 'a' },
        413,
      ],
      ['/api/classify', form({ image: new File(['x'], 'a.png'), labels: 'a' }), 400],
      ['/api/classify', form({ image: await png(255, 0, 0), labels: 'red' }), 200],
    ];
    for (const [path, init, status] of requests)
      expect((await app.request(path, init)).status, String(init.body).slice(0, 40)).toBe(status);
    const { places, jsonBytes, formBytes } = reception;
    expect([places.used, jsonBytes.used, formBytes.used]).toEqual([0, 0, 0]);
  });

  it('lets bodies wait for their bytes, and forgets a client that is gone', async () => {
    const reception = createReception({ ...SHARED, jsonBytes: 2 ** 19 });
    const app = appWith(reception, fakeEncoder());
    const release = await reception.jsonBytes.reserve(2 ** 19);
    const gone = new AbortController();
    const left = app.request('/api/embed', { ...json({ texts: ['red'] }), signal: gone.signal });
    const stays = app.request('/api/embed', json({ texts: ['red'] }));
    await until(() => reception.jsonBytes.waiting === 2);
    gone.abort();
    await left;
    expect(reception.jsonBytes.waiting).toBe(1);
    release();
    expect((await stays).status).toBe(200);
  });
});
