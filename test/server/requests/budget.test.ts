import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBudget } from '../../../src/server/requests/budget.ts';

/** Whether a promise is settled once everything that can go on has gone on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('a budget', () => {
  it('gives what is free, and makes the rest wait in order', async () => {
    const budget = createBudget(10);
    const first = await budget.reserve(6);
    const large = budget.reserve(8);
    const small = budget.reserve(1);
    expect(await isSettled(small), 'a small one does not overtake').toBe(false);
    expect(budget).toMatchObject({ used: 6, waiting: 2 });
    first();
    first();
    expect(await isSettled(small)).toBe(true);
    expect(budget).toMatchObject({ used: 9, waiting: 0 });
    (await large)();
    (await small)();
    expect(budget.used).toBe(0);
  });

  it('refuses what can never fit', async () => {
    await expect(createBudget(10).reserve(11)).rejects.toThrow(RangeError);
    await expect(createBudget(10).reserve(Number.NaN)).rejects.toThrow(RangeError);
  });

  it('forgets who gives up, and lets those behind go on', async () => {
    const budget = createBudget(10);
    await budget.reserve(6);
    const controller = new AbortController();
    const gone = budget.reserve(8, controller.signal);
    const behind = budget.reserve(4);
    controller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    await behind;
    expect(budget).toMatchObject({ used: 10, waiting: 0 });
    await expect(budget.reserve(1, controller.signal)).rejects.toThrow('gone');
    await expect(budget.reserve(1, AbortSignal.abort('a sentence'))).rejects.toThrow(Error('a sentence'));
  });

  it('is never exceeded, and everybody is served', async () => {
    const amounts = fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(amounts, async (list) => {
        const budget = createBudget(10);
        await Promise.all(
          list.map(async (amount) => {
            const release = await budget.reserve(amount);
            expect(budget.used).toBeLessThanOrEqual(10);
            await Promise.resolve();
            release();
          }),
        );
        expect(budget).toMatchObject({ used: 0, waiting: 0 });
      }),
      { numRuns: 50 },
    );
  });
});
