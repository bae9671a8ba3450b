import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookAhead, mapAhead } from '../../../src/data/streams/lookAhead.ts';
import { collect } from '../pictures.ts';

const later = (milliseconds = 0) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** 0, 1, … `count` − 1; `failAt` throws in that one's place. Tells what was made and whether it was closed. */
function counting(count: number, failAt = -1) {
  const state = { made: 0, closed: false };
  async function* items() {
    try {
      for (let i = 0; i < count; i++) {
        if (i === failAt) throw new Error(`item ${i}`);
        state.made++;
        yield i;
      }
    } finally {
      state.closed = true;
    }
  }
  return { items: items(), state };
}

describe('lookAhead', () => {
  it('gives every item in order, for any depth', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 15 }), async (n, depth) => {
        expect(await collect(lookAhead(counting(n).items, depth))).toEqual(
          Array.from({ length: n }, (_, i) => i),
        );
      }),
      { numRuns: 40 },
    );
  });

  it.each([1, 3])('makes %i items ahead of the consumer and no more', async (depth) => {
    const { items, state } = counting(100);
    const ahead = lookAhead(items, depth);
    for (let taken = 1; taken <= 5; taken++) {
      await ahead.next();
      await later(2);
      expect(state.made).toBe(taken + depth);
    }
    await ahead.return();
    expect(state.closed).toBe(true);
    expect(state.made).toBeLessThanOrEqual(5 + depth);
  });

  it('throws an error after the items before it, and closes the source', async () => {
    const { items, state } = counting(10, 4);
    const seen: number[] = [];
    await expect(async () => {
      for await (const item of lookAhead(items, 8)) {
        await later(1);
        seen.push(item);
      }
    }).rejects.toThrow('item 4');
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(state.closed).toBe(true);
  });

  it('measures waiting: a slow source is waited for, a ready item is not', async () => {
    const waits: number[] = [];
    async function* slow() {
      for (let i = 0; i < 3; i++) {
        await later(20);
        yield i;
      }
    }
    await collect(lookAhead(slow(), 1, { onWait: (milliseconds) => waits.push(milliseconds) }));
    // Timers may fire a little early.
    expect(Math.min(...waits.slice(0, 3))).toBeGreaterThan(5);
    waits.length = 0;
    for await (const _ of lookAhead(counting(3).items, 3, {
      onWait: (milliseconds) => waits.push(milliseconds),
    }))
      await later(5);
    expect(waits.slice(1)).toEqual([0, 0, 0]);
  });

  it('refuses a depth that makes no sense', async () => {
    for (const depth of [0, -1, 1.5, Number.NaN])
      await expect(lookAhead(counting(1).items, depth).next()).rejects.toThrow(RangeError);
  });
});

describe('mapAhead', () => {
  it.each([1, 2, 5])('has at most %i at work, and keeps the order', async (width) => {
    let atWork = 0;
    let most = 0;
    const result = await collect(
      mapAhead(
        counting(20).items,
        async (i) => {
          most = Math.max(most, ++atWork);
          await later((i * 7) % 5);
          atWork--;
          return i * 2;
        },
        width,
      ),
    );
    expect(result).toEqual(Array.from({ length: 20 }, (_, i) => i * 2));
    expect(most).toBe(width);
  });

  it('throws a failure in its place', async () => {
    const seen: number[] = [];
    const mapped = mapAhead(
      counting(9).items,
      async (i) => {
        if (i === 3) throw new Error('three');
        await later(3);
        return i;
      },
      4,
    );
    await expect(async () => {
      for await (const item of mapped) seen.push(item);
    }).rejects.toThrow('three');
    expect(seen).toEqual([0, 1, 2]);
  });
});
