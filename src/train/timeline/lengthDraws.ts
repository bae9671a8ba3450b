import { createRandom } from '../../tensor/random.ts';
import type { NaflexImages } from './timeline.ts';

/** The sequence length of every update of a NaFlex stage. */
export interface LengthDraws {
  /** Updates in all. */
  readonly steps: number;
  /** What update `step` (from 0) trains on. */
  at(step: number): {
    readonly length: number;
    readonly batch: number;
    /** The batch of the timeline's size that it is a part of, from 0. */
    readonly drawn: number;
    /** Which part of it: 0, or with halved batches 0 and 1. */
    readonly part: number;
  };
  /** Share of the stage's examples that are seen after `step` updates, 0 … 1. */
  progressAt(step: number): number;
}

/**
 * Draws a length for each of `batches` batches, all equally likely (paper §2.4.2). A length with
 * smaller batches splits its batch into several updates, so that each length sees as many examples.
 */
export function drawLengths(
  { lengths }: NaflexImages,
  batches: number,
  batch: number,
  seed: number,
): LengthDraws {
  const random = createRandom(seed, 'sequence length');
  const choices = Uint8Array.from({ length: batches }, () => random.int(lengths.length));
  const parts = lengths.map((one) => batch / one.batch);
  // starts[i]: the first update of batch i.
  const starts = new Uint32Array(batches + 1);
  for (let i = 0; i < batches; i++) starts[i + 1] = starts[i]! + parts[choices[i]!]!;
  const steps = starts[batches]!;
  const find = (step: number) => {
    if (!(Number.isInteger(step) && step >= 0 && step < steps))
      throw new RangeError(`update ${step} is not among the ${steps} of this stage`);
    const drawn = lastAtMost(starts, step);
    return { drawn, part: step - starts[drawn]!, choice: choices[drawn]! };
  };
  return {
    steps,
    at(step) {
      const { drawn, part, choice } = find(step);
      return { ...lengths[choice]!, drawn, part };
    },
    progressAt(step) {
      if (step >= steps) return 1;
      const { drawn, part, choice } = find(step);
      return (drawn + part / parts[choice]!) / batches;
    },
  };
}

/** Index of the last entry that is not above `value`; entries rise, the first is not above it. */
function lastAtMost(entries: Uint32Array, value: number): number {
  let [low, high] = [0, entries.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (entries[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
