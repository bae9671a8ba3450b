import { badRead } from '../../data/samples/badRead.ts';
import { decodeSample } from '../../data/samples/decodeSample.ts';
import type { BadSample, Sample } from '../../data/samples/sample.ts';
import { createTally, type Tally, tallyText } from '../../data/samples/tally.ts';
import { type Skipped, skippedText } from '../../data/sources/folder/listFolder.ts';
import { classesOf, heldOut, subset } from '../../data/sources/holdOut.ts';
import { identifySamples, identifyShards, withColumns, withHeldOut } from '../../data/sources/identity.ts';
import type { ParquetColumns } from '../../data/sources/parquet/columns.ts';
import { type Scan, scanSource } from '../../data/sources/scanSource.ts';
import type { IndexedSource, ShardedSource, Source } from '../../data/sources/source.ts';
import { openDataSet, pathsMatching, skippedIn } from '../data/dataSets.ts';
import { explained, samplesOf } from '../data/samples.ts';
import { UsageError } from '../support/errors.ts';

export interface DataRequest {
  readonly data: readonly string[];
  readonly annotations?: readonly string[] | undefined;
  /** A share of the data, or a second set. Default: a tenth of a folder, none of shards. */
  readonly validation?: string | undefined;
  /** Decides what is held out. */
  readonly seed: number;
  /** Largest share of samples that can't be used. */
  readonly maxBad: number;
  /** Nothing will be trained, so it need not be known whether it is the same data again. */
  readonly costOnly?: boolean;
  /** Of tables. */
  readonly columns?: Partial<ParquetColumns>;
}

export interface FinetuneData {
  readonly train: Source;
  /** Undefined for shards, which are not counted. */
  readonly trainSize?: number;
  readonly validation: readonly Sample[];
  /** Names among which each sample's caption is, where the samples are sorted into classes. */
  readonly classes?: readonly string[];
  /** What the user should know of what is held out: sentences. */
  readonly notes: readonly string[];
  /** Says whether it is the same data again (see identity.ts). */
  readonly fingerprint: string;
  readonly tally: Tally;
  /** What the lister left out of the folder. */
  readonly skipped: Skipped;
}

const DEFAULT_SHARE = 0.1;
/** Positions in a run are those of this name, so that the data may move. */
const NAME = 'data';

const isShare = (text: string): boolean => Number.isFinite(Number(text)) && text.trim() !== '';

function shareOf(validation: string): number {
  const share = Number(validation);
  if (!(share >= 0 && share < 1))
    throw new UsageError(
      `--validation is ${validation}; expected a share of at least 0 and below 1, or a folder`,
    );
  return share;
}

async function scan(source: IndexedSource, maxBad: number): Promise<Scan> {
  const found = await scanSource(pairsOf(source), { maxRate: maxBad }).catch((error: unknown) => {
    throw explained(error);
  });
  if (found.samples.length === 0) throw new Error(`${source.name}: has no image with a caption`);
  return found;
}

/** A source whose samples without a caption, which may have regions, are bad: nothing can be paired with them. */
const pairsOf = (source: IndexedSource): IndexedSource => ({
  ...source,
  async read(index) {
    const read = await source.read(index);
    if (!read.sample || read.sample.captions.length > 0) return read;
    return badRead(
      source.name,
      read.sample.key,
      'missing-caption',
      'has regions, but no caption to pair it with',
    );
  },
});

/** Those whose image can be decoded. */
async function readable(
  samples: AsyncIterable<Sample> | Iterable<Sample>,
  onBad: (bad: BadSample) => void,
): Promise<Sample[]> {
  const good: Sample[] = [];
  for await (const sample of samples) {
    const { bad } = await decodeSample({ sample });
    if (bad) onBad(bad);
    else good.push(sample);
  }
  return good;
}

/** @throws Error when a set that was named for the evaluation has nothing to evaluate */
async function readableOf(path: string, set: Source, tally: Tally): Promise<Sample[]> {
  const found = createTally({ maxRate: 1 });
  const onBad = (bad: BadSample): void => {
    found.bad(bad);
    tally.bad(bad);
  };
  const good = await readable(samplesOf(set, onBad), onBad);
  if (good.length > 0) return good;
  const report = found.report();
  const reason = report.bad > 0 ? `: ${tallyText(report)}` : '';
  throw new Error(
    `--validation ${path}: has no image with a caption that can be used${reason}; name another set, or --validation 0 to train without evaluation`,
  );
}

const NOTHING_HELD_OUT =
  'none of the images that are held out can be read, so the model is not evaluated; repair them, or name a second folder with --validation';

/** Names of `--validation` that are none of the classes that are trained. */
function unknownClasses(held: readonly Sample[], classes: readonly string[]): string[] {
  const names = held.map(({ captions }) => captions[0]?.text ?? '');
  return [...new Set(names.filter((name) => !classes.includes(name)))];
}

const unknownNote = (names: readonly string[]): string =>
  `--validation has ${names.length} ${names.length === 1 ? 'name that is' : 'names that are'} no class of --data (such as ${JSON.stringify(names[0])}), so it is evaluated by captions, not as classes`;

/**
 * What is trained on, and what a second set evaluates it on. Empty where only the cost is asked for: every image would be
 * read for it.
 */
async function fingerprintOf(
  { costOnly = false }: DataRequest,
  identify: () => Promise<string>,
  second: readonly Sample[] | undefined,
): Promise<string> {
  if (costOnly) return '';
  const identity = await identify();
  return second ? withHeldOut(identity, await identifySamples(second)) : identity;
}

/** Opens what is trained on and what is held out. @throws Error naming what can't be used, and the remedy */
export async function openFinetuneData(request: DataRequest): Promise<FinetuneData> {
  const { data, annotations, validation, maxBad } = request;
  const { columns } = request;
  const source = await openDataSet(data, annotations, { name: NAME, columns });
  const second =
    validation === undefined || isShare(validation)
      ? undefined
      : await openDataSet(
          await pathsMatching(validation),
          [],
          validation.endsWith('.parquet') ? { columns } : {},
        );
  const tally = createTally({ maxRate: maxBad, minimum: 100 });
  const skipped = skippedIn(source);
  const opened =
    source.kind === 'indexed'
      ? await fromFolder(source, request, second, tally)
      : await fromShards(source, request, second, tally);
  const left = skippedText(skipped);
  const notes = left === '' ? opened.notes : [...opened.notes, `left out of the folder: ${left}`];
  return { ...opened, notes, skipped, tally };
}

type Opened = Omit<FinetuneData, 'tally' | 'skipped'>;

async function fromFolder(
  source: IndexedSource,
  request: DataRequest,
  second: Source | undefined,
  tally: Tally,
): Promise<Opened> {
  const { validation = String(DEFAULT_SHARE), seed, maxBad } = request;
  const { samples, indices, bad } = await scan(source, maxBad);
  // Few enough, as the scan has judged; good ones first, so that no moment looks worse than the whole.
  for (const sample of samples) tally.good(sample);
  for (const one of bad) tally.bad(one);
  const classes = classesOf(samples);
  const kinds = samples.map(({ captions }) => (classes ? captions[0]!.text : ''));
  const out = second ? [] : heldOut(kinds, shareOf(validation), seed);
  const isOut = new Set(out);
  const kept = indices.filter((_, i) => !isOut.has(i));
  const held = second
    ? await readableOf(validation, second, tally)
    : await readable(
        out.map((i) => samples[i]!),
        tally.bad,
      );
  const unknown = classes ? unknownClasses(held, classes) : [];
  const fits = classes && unknown.length === 0;
  const wanted = second !== undefined || shareOf(validation) > 0;
  return {
    notes: [
      ...(wanted && held.length === 0 ? [NOTHING_HELD_OUT] : []),
      ...(unknown.length > 0 ? [unknownNote(unknown)] : []),
    ],
    train: subset(source, kept),
    trainSize: kept.length,
    validation: held,
    ...(fits && { classes }),
    fingerprint: await fingerprintOf(request, () => identifySamples(samples), second && held),
  };
}

async function fromShards(
  source: ShardedSource,
  request: DataRequest,
  second: Source | undefined,
  tally: Tally,
): Promise<Opened> {
  const { validation = '0' } = request;
  if (!second && shareOf(validation) > 0)
    throw new UsageError(
      '--validation is a share, which shards can not be cut into; name a second folder or shard',
    );
  const held = second ? await readableOf(validation, second, tally) : [];
  return {
    train: source,
    validation: held,
    notes: [],
    fingerprint: await fingerprintOf(
      request,
      async () => withColumns(await identifyShards(source.shards), { ...request.columns }),
      second && held,
    ),
  };
}
