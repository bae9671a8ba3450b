import { availableParallelism } from 'node:os';
import { type DecodeOptions, decodeSchema } from '../../input/image/decode/decodeImage.ts';
import { callback, check, count, object, optional, type Rules, settings } from '../../tensor/settings.ts';
import { badRead } from '../samples/badRead.ts';
import { type DecodedRead, type DecodedSample, decodeSample } from '../samples/decodeSample.ts';
import type { BadSample, Read, Sample } from '../samples/sample.ts';
import { createTally, type Tally } from '../samples/tally.ts';
import { mapAhead } from '../streams/lookAhead.ts';
import type { Position, SampleStream } from '../streams/stream.ts';
import { memoryPositions, type PositionStore } from './positions.ts';

/** Batches by step: `batchAt` is a pure function of the step, whatever was asked for before. */
export interface BatchSource<B> {
  /**
   * The batch of a step. The step after the last one is at hand; any other is reached by reading again from the
   * nearest known position. Calls are answered one after another.
   */
  batchAt(step: number): Promise<B>;
  /** Milliseconds in which a batch waited for samples to be read and decoded. */
  waited(): number;
  /** Ends reading ahead and closes what is open. */
  close(): Promise<void>;
}

/** Takes the samples of one batch, one after another, so that only few are decoded at a time. */
export interface BatchMaker<B, Taken = DecodedSample> {
  add(sample: Taken): void;
  finish(): B;
}

export interface BatchSourceOptions<B> {
  /** Samples in the batch of a step. */
  readonly sizeAt: (step: number) => number;
  /** Called once for each batch that is made. */
  readonly makerAt: (step: number) => BatchMaker<B>;
  /** Why a sample can't be in a batch; it is then counted as bad, before it is decoded. Default: all can. */
  readonly refuse?: (sample: Sample) => Pick<BadSample, 'reason' | 'detail'> | undefined;
  readonly decode?: DecodeOptions;
  /** Most images being decoded, or decoded and waiting. Default: the number of cores. */
  readonly decodesAhead?: number;
  /** Counts what was bad; throws when it is too much. Default: {@link createTally}'s. */
  readonly tally?: Tally;
  /** Default: in memory. */
  readonly positions?: PositionStore;
}

/** The rule of each field that batches of every kind have. */
export const readingRules: Rules<
  Pick<BatchSourceOptions<unknown>, 'decode' | 'decodesAhead' | 'tally' | 'positions'>
> = {
  decode: optional(decodeSchema),
  decodesAhead: optional(count),
  tally: optional(object('a tally')),
  positions: optional(object('a store of positions')),
};

const batchSourceSchema = settings<BatchSourceOptions<unknown>>({
  ...readingRules,
  sizeAt: callback(),
  makerAt: callback(),
  refuse: optional(callback()),
});

type Item = DecodedRead & { readonly next: Position };

/** An open stream that stands where a step begins. */
interface Cursor {
  step: number;
  readonly items: AsyncGenerator<Item>;
}

/**
 * Batches of a stream's good samples, in its order, bad ones left out and counted.
 * @throws RangeError naming the option that is none
 * @example
 * const stream = sampleStream(await imageFolder('photos'), { seed: 0 });
 * const widths = batchSource(stream, {
 *   sizeAt: () => 8,
 *   makerAt: () => {
 *     const all: number[] = [];
 *     return { add: ({ image }) => all.push(image.width), finish: () => all };
 *   },
 * });
 * console.log(await widths.batchAt(0));
 * await widths.close();
 */
export function batchSource<B>(stream: SampleStream, options: BatchSourceOptions<B>): BatchSource<B> {
  check('batches', batchSourceSchema, options);
  const { sizeAt, makerAt, refuse, decode, decodesAhead = availableParallelism() } = options;
  const { tally = createTally(), positions = memoryPositions() } = options;
  let waited = 0;
  let cursor: Cursor | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function checked(read: Read): Read {
    const refused = read.sample && refuse?.(read.sample);
    return refused ? badRead(read.sample.source, read.sample.key, refused.reason, refused.detail) : read;
  }

  const openAt = (position?: Position): AsyncGenerator<Item> =>
    mapAhead(
      stream.from(position),
      async (item) => ({ ...(await decodeSample(checked(item), decode)), next: item.next }),
      decodesAhead,
      {
        onWait: (milliseconds) => {
          waited += milliseconds;
        },
      },
    );

  /** Hands the next step's samples to `use`. */
  async function advance(at: Cursor, use?: (sample: DecodedSample) => void): Promise<void> {
    const size = sizeAt(at.step);
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`the batch of step ${at.step} has ${size} samples; it must be a positive integer`);
    let position: Position = null;
    for (let taken = 0; taken < size; ) {
      const { value: item, done } = await at.items.next();
      if (done) throw new Error('the stream of samples has ended; streams are endless');
      if (item.bad) {
        tally.bad(item.bad);
        continue;
      }
      tally.good(item.decoded);
      use?.(item.decoded);
      position = item.next;
      taken++;
    }
    at.step++;
    await positions.remember({ step: at.step, position });
  }

  async function close(): Promise<void> {
    const open = cursor;
    cursor = undefined;
    await open?.items.return(undefined);
  }

  /** The open stream if it can go on to the step, else one that begins at the nearest known position. */
  async function seek(step: number): Promise<Cursor> {
    const known = positions.before(step);
    if (!cursor || cursor.step > step || cursor.step < known.step) {
      await close();
      cursor = { step: known.step, items: openAt(known.position) };
    }
    while (cursor.step < step) await advance(cursor);
    return cursor;
  }

  async function make(step: number): Promise<B> {
    if (!Number.isSafeInteger(step) || step < 0)
      throw new RangeError(`step is ${step}; it must be a non-negative integer`);
    try {
      const at = await seek(step);
      const maker = makerAt(step);
      await advance(at, maker.add);
      return maker.finish();
    } catch (error) {
      // Where the stream stands now belongs to no step.
      await close();
      throw error;
    }
  }

  function queued<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work, work);
    last = result.catch(() => {});
    return result;
  }

  return {
    batchAt: (step) => queued(() => make(step)),
    waited: () => waited,
    close: () => queued(close),
  };
}
