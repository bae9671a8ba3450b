import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** The page's client, as the browser loads it. */
const { getModel, search } = z
  .object({
    getModel: z.custom<() => Promise<unknown>>(isFunction),
    search: z.custom<(text: string, limit: number, signal: AbortSignal) => Promise<unknown>>(isFunction),
  })
  .parse({ ...(await import(new URL('../../web/api.js', import.meta.url).href)) });

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
    await expect(search('cat', 1, controller.signal)).rejects.toThrow();
    expect(asked()).toBe(1);
  });
});
