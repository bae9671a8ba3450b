import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const STEPS = 500;
const WARM_UP = 100;
/** A forced collection of the whole heap takes ~20 ms, and each of these steps has two. */
const COLLECTED_STEPS = 30;
/** Enough to differ where something depends on what lies in memory. */
const REPEATED_STEPS = 200;
const MEGABYTE = 2 ** 20;
const SCRIPT = fileURLToPath(new URL('trainingLoop.ts', import.meta.url));
const Report = z.object({ losses: z.array(z.number()), memory: z.array(z.number()) });
type Report = z.infer<typeof Report>;

/** Trains in a process of its own, so that nothing else moves its memory. */
async function train(steps: number, flags: readonly string[] = []): Promise<Report> {
  const parameters = [...flags, '--import', 'tsx', SCRIPT, String(steps)];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { maxBuffer: MEGABYTE });
  return Report.parse(JSON.parse(stdout));
}

const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('500 training steps through a bound session', () => {
  let first: Report;
  beforeAll(async () => {
    first = await train(STEPS);
  });

  it('lower the loss', () => {
    expect(first.losses).toHaveLength(STEPS);
    // The start is the target's variance, E sin² + E x² = 0.43 + 1; the function is learnable to a few percent.
    expect(first.losses[0]).toBeGreaterThan(1);
    expect(average(first.losses.slice(-20))).toBeLessThan(0.02);
  });

  it('keep the resident memory flat', () => {
    // One copy of state and batch per step would be 130 kB · 400 = 52 MB. The rest is the JavaScript heap's own.
    const before = average(first.memory.slice(WARM_UP, WARM_UP + 20));
    const after = average(first.memory.slice(-20));
    expect((after - before) / MEGABYTE).toBeLessThan(8);
  });

  it('are the same to the bit when repeated, and when garbage is collected before and during every run', async () => {
    const [again, collected] = await Promise.all([
      train(REPEATED_STEPS),
      train(COLLECTED_STEPS, ['--expose-gc']),
    ]);
    expect(again.losses).toEqual(first.losses.slice(0, REPEATED_STEPS));
    expect(collected.losses).toEqual(first.losses.slice(0, COLLECTED_STEPS));
  });
});
