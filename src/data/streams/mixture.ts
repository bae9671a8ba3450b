import { z } from 'zod';
import { foreignPosition, type Position, type SampleStream, type StreamItem } from './stream.ts';

export interface MixturePart {
  readonly stream: SampleStream;
  /** Share of the samples, relative to the other parts'. */
  readonly weight: number;
}

/** Shares are held in millionths: integers, so that no rounding builds up over a long run. */
const WHOLE = 1_000_000;

/** ⌊n · share / WHOLE⌋, exact for any n. */
const quota = (n: number, share: number): number =>
  Math.floor(n / WHOLE) * share + Math.floor(((n % WHOLE) * share) / WHOLE);

/**
 * Which part gives sample `n`, for all n, so that after any number of samples each part has given its share of them to
 * within its rank. The first part takes its quota, the next takes its quota of what is left, and so on.
 * @throws RangeError when a weight is negative, all are 0, or one is too small to be held.
 */
export function createQuotas(weights: readonly number[]): (n: number) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!weights.every((weight) => weight >= 0) || !(total > 0 && Number.isFinite(total)))
    throw new RangeError(`weights are ${weights.join(', ')}: they must be at least 0, and one above 0`);
  let rest = total;
  const shares = weights.map((weight) => {
    const share = Math.round((weight / rest) * WHOLE);
    rest -= weight;
    return Number.isFinite(share) ? Math.min(share, WHOLE) : 0;
  });
  const last = weights.findLastIndex((weight) => weight > 0);
  shares[last] = WHOLE;
  shares.forEach((share, part) => {
    if (weights[part]! > 0 && share === 0)
      throw new RangeError(
        `the weight ${weights[part]} of ${total} is below a millionth: leave the part out`,
      );
  });
  return (n) => {
    let left = n;
    for (let part = 0; part < last; part++) {
      const given = quota(left, shares[part]!);
      if (quota(left + 1, shares[part]!) > given) return part;
      left -= given;
    }
    return last;
  };
}

const positionSchema = z.object({
  samples: z.number().int().nonnegative(),
  parts: z.array(z.json()),
});

/**
 * Several streams as one, in fixed shares: exact quotas rather than draws, so that every batch has its mixture. Bad
 * reads pass through and use up no share. The position holds the parts' positions.
 * @throws RangeError when the weights don't make sense.
 * @example
 * const own = sampleStream(await imageFolder('photos'), { seed: 0 });
 * const other = sampleStream(await webdataset('data/*.tar'), { seed: 0 });
 * const both = mixture([
 *   { stream: own, weight: 9 },
 *   { stream: other, weight: 1 },
 * ]);
 */
export function mixture(parts: readonly MixturePart[]): SampleStream {
  const partOf = createQuotas(parts.map(({ weight }) => weight));
  const identity = { mixture: parts.map(({ stream, weight }) => ({ weight, of: stream.identity })) };

  async function* from(position?: Position): AsyncGenerator<StreamItem> {
    const start = positionSchema.safeParse(position ?? { samples: 0, parts: parts.map(() => null) });
    if (!start.success || start.data.parts.length !== parts.length) throw foreignPosition('mixture');
    let { samples, parts: positions } = start.data;
    const passes = parts.map(({ weight }) => createPasses(weight));
    const open: (AsyncIterator<StreamItem> | undefined)[] = parts.map(() => undefined);
    try {
      for (;;) {
        const part = partOf(samples);
        open[part] ??= parts[part]!.stream.from(positions[part] ?? undefined)[Symbol.asyncIterator]();
        const { done, value } = await open[part].next();
        if (done) throw new Error('mixture: a part has ended; streams are endless');
        positions = positions.with(part, value.next as z.infer<ReturnType<typeof z.json>>);
        passes[part]!.at(value.epoch);
        if (value.sample) samples++;
        yield {
          ...value,
          next: { samples, parts: positions },
          epoch: Math.min(...passes.map((of) => of.whole())),
        };
      }
    } finally {
      await Promise.all(open.map((iterator) => iterator?.return?.()));
    }
  }
  return { identity, from };
}

/** Whole passes of a part in this reading; one that is never read does not hold up the others. */
function createPasses(weight: number) {
  let first: number | undefined;
  let current = 0;
  return {
    at(epoch: number): void {
      first ??= epoch;
      current = epoch;
    },
    whole: (): number => (weight === 0 ? Number.POSITIVE_INFINITY : current - (first ?? current)),
  };
}
