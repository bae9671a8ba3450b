import { afterAll, describe, expect, it } from 'vitest';
import { watchedThread } from '../../../../src/data/sources/thread/watchedThread.ts';

const SILENCE = 400;
const MODULE = new URL('./oddThread.ts', import.meta.url);
const threads: { stop(): Promise<void> }[] = [];
const start = (heapMegabytes?: number) => {
  const thread = watchedThread(MODULE, heapMegabytes);
  threads.push(thread);
  return thread;
};
afterAll(async () => {
  await Promise.all(threads.map((thread) => thread.stop()));
});

describe('a watched thread', () => {
  it('answers, says why it can not, and goes on', async () => {
    const thread = start();
    // Starting is no silence, however long it takes.
    expect(await thread.ask({ kind: 'echo' }, 20)).toBe('here');
    await expect(thread.ask({ kind: 'throw' }, 30_000)).rejects.toThrow('no such thing');
    const news: unknown[] = [];
    expect(await thread.ask({ kind: 'busy' }, SILENCE, (one) => news.push(one))).toBe('done');
    expect(news).toEqual(['began']);
    expect(thread.isIdle()).toBe(true);
  });

  it('is asked one question at a time', async () => {
    const thread = start();
    const first = thread.ask({ kind: 'echo' }, 30_000);
    await expect(thread.ask({ kind: 'echo' }, 30_000)).rejects.toThrow('one question at a time');
    expect(await first).toBe('here');
  });

  it('is ended when a loop keeps it busy, and what it said before arrives', async () => {
    const thread = start();
    await thread.ask({ kind: 'echo' }, 30_000);
    const news: unknown[] = [];
    await expect(thread.ask({ kind: 'loop' }, SILENCE, (one) => news.push(one))).rejects.toMatchObject({
      name: 'ThreadStopped',
      reason: 'silent',
      message: 'gave no sign of life for 0.4 s',
    });
    expect(news).toEqual(['began']);
    expect(thread.isIdle()).toBe(false);
    await expect(thread.ask({ kind: 'echo' }, SILENCE)).rejects.toThrow('no sign of life');
  });

  it('is ended by its memory', async () => {
    const ended = start(64).ask({ kind: 'memory' }, 30_000);
    await expect(ended).rejects.toMatchObject({ reason: 'memory', message: 'took more than 64 MiB' });
  });

  it('that ends by itself is told of', async () => {
    await expect(start().ask({ kind: 'exit' }, 30_000)).rejects.toMatchObject({ reason: 'crashed' });
  });
});
