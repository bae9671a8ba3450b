import { type DecodeOptions, decodeSchema } from '../../input/image/decode/decodeImage.ts';
import { check, optional, settings, share, wholeNumber } from '../../tensor/settings.ts';
import { decodeSample } from '../samples/decodeSample.ts';
import type { BadSample, Sample } from '../samples/sample.ts';
import { createTally, type TallyReport, TooManyBadSamplesError } from '../samples/tally.ts';
import type { IndexedSource } from './source.ts';

export interface ScanOptions {
  /** Largest share of bad samples, 0 … 1. Default 0.1. */
  readonly maxRate?: number;
  /** Images that are decoded, evenly spread, to see whether they can be. Default 32. */
  readonly trials?: number;
  readonly decode?: DecodeOptions;
}

const scanSchema = settings<ScanOptions>({
  maxRate: optional(share),
  trials: optional(wholeNumber),
  decode: optional(decodeSchema),
});

export interface Scan {
  /** The samples that can be used, and their indices in the source. */
  readonly samples: readonly Sample[];
  readonly indices: readonly number[];
  readonly report: TallyReport;
  /** All that can't be used. */
  readonly bad: readonly BadSample[];
}

/** Evenly spread places in 0 … size − 1. */
const spread = (size: number, count: number): number[] =>
  Array.from({ length: Math.min(size, count) }, (_, i) => Math.floor((i * size) / Math.min(size, count)));

/**
 * Reads what is said about every sample, and decodes a few images, before anything else is done with them.
 * @throws TooManyBadSamplesError when too many can't be used; RangeError naming the option that is none
 * @example
 * const { samples } = await scanSource(await imageFolder('photos'));
 */
export async function scanSource(source: IndexedSource, options: ScanOptions = {}): Promise<Scan> {
  check('scan', scanSchema, options);
  const { maxRate = 0.1, trials = 32, decode } = options;
  const tally = createTally({ maxRate: 1 });
  const tried = new Set(spread(source.size, trials));
  const samples: Sample[] = [];
  const indices: number[] = [];
  const allBad: BadSample[] = [];
  let badTrials = 0;
  for (let i = 0; i < source.size; i++) {
    const read = await source.read(i);
    const bad = read.bad ?? (tried.has(i) ? (await decodeSample(read, decode)).bad : undefined);
    if (bad) {
      tally.bad(bad);
      allBad.push(bad);
      badTrials += tried.has(i) ? 1 : 0;
      continue;
    }
    tally.good(read.sample);
    samples.push(read.sample!);
    indices.push(i);
  }
  const report = tally.report();
  if (report.bad > maxRate * report.read || badTrials > maxRate * tried.size)
    throw new TooManyBadSamplesError(report, maxRate);
  return { samples, indices, report, bad: allBad };
}
