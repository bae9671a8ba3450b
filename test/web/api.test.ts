import { afterEach, describe, expect, it, vi } from 'vitest';
import { classify, client, getModel } from '../../web/shared/client.ts';

const answer = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const busy = () => answer(429, { error: 'busy' }, { 'retry-after': '0' });

afterEach(() => vi.unstubAllGlobals());

/** Answers requests with these, one after another, the last one again and again. */
function serverThat(...answers: (() => Response)[]) {
  let asked = 0;
  vi.stubGlobal('fetch', async () => answers[Math.min(asked++, answers.length - 1)]!());
  return () => asked;
}

describe('the page', () => {
  it('asks again when the server is busy or starting', async () => {
    const starting = () => answer(503, { error: 'starting' }, { 'retry-after': '0' });
    const asked = serverThat(starting, busy, () => answer(200, { name: 'a model' }));
    expect(await getModel()).toEqual({ name: 'a model' });
    expect(asked()).toBe(3);
  });

  it("says in the server's words what is wrong when that does not help", async () => {
    const asked = serverThat(busy);
    await expect(getModel()).rejects.toThrow('busy');
    expect(asked()).toBe(6);
    const once = serverThat(() => answer(400, { error: 'text: is empty' }));
    await expect(getModel()).rejects.toThrow('text: is empty');
    expect(once()).toBe(1);
  });

  it('asks no more for what nobody waits for', async () => {
    const controller = new AbortController();
    const asked = serverThat(() => {
      controller.abort();
      return busy();
    });
    await expect(
      client.v1.search.$post({ json: { texts: ['cat'] } }, { init: { signal: controller.signal } }),
    ).rejects.toThrow();
    expect(asked()).toBe(1);
  });

  it('asks as the routes want it', async () => {
    const asked: { address: string; init: RequestInit | undefined }[] = [];
    vi.stubGlobal('fetch', async (address: string, init?: RequestInit) => {
      asked.push({ address, init });
      return answer(200, { hits: [], scores: [{ label: 'a cat', probability: 1 }] });
    });
    const { signal } = new AbortController();
    await client.v1.search.$post({ json: { texts: ['고양이'], limit: 3 } }, { init: { signal } });
    expect(await classify(new Blob(['…'], { type: 'image/png' }), ['a cat', 'un chien'], signal)).toEqual([
      { label: 'a cat', probability: 1 },
    ]);
    expect(asked.map(({ address, init }) => `${init?.method} ${address}`)).toEqual([
      'POST /v1/search',
      'POST /api/classify',
    ]);
    expect(asked[0]!.init!.body).toBe('{"texts":["고양이"],"limit":3}');
    const form = asked[1]!.init!.body;
    if (!(form instanceof FormData)) throw new Error('expected a form');
    expect(form.getAll('labels')).toEqual(['a cat', 'un chien']);
    expect(form.get('image')).toMatchObject({ name: 'picture.png', type: 'image/png' });
  });
});
