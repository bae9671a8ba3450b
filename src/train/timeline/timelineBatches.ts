import type { BatchSource } from '../../data/batches/batchSource.ts';
import { type BatchEncoder, type PairBatch, pairBatches } from '../../data/batches/pairBatches.ts';
import type { Tally } from '../../data/samples/tally.ts';
import type { SampleStream } from '../../data/streams/stream.ts';
import type { PieceEncoder } from '../../input/text/locca/encode.ts';
import type { LoccaFormat } from '../../input/text/locca/format.ts';
import { callback, check, count, object, optional, seed, settings } from '../../tensor/settings.ts';
import { stageArrays } from './stageArrays.ts';
import { stagePreprocessing } from './stageModel.ts';
import type { StageSchedule } from './stageSchedule.ts';
import type { StageSpec, Timeline } from './timeline.ts';
import { requestsOf, type TimelineData } from './timelineRun.ts';

export interface TimelineBatchesOptions {
  readonly seed: number;
  /** Updates of every stage, as for `timelineRun`. */
  readonly steps?: number;
  /**
   * Samples of a stage. What follows another stage should be in another order (another seed), or it begins with the
   * samples that the other has begun with.
   */
  readonly streamOf: (spec: StageSpec) => SampleStream;
  /** Pads captions to the text tower's length; its pieces are the decoder's too. */
  readonly tokenizer: BatchEncoder & PieceEncoder;
  /** How the decoder's texts are written. Default: LocCa's. */
  readonly format?: LoccaFormat;
  /** Counts what was bad; throws when it is too much. */
  readonly tally?: Tally;
}

const batchesSchema = settings<TimelineBatchesOptions>({
  seed,
  steps: optional(count),
  streamOf: callback(),
  tokenizer: object('a tokenizer'),
  format: optional(object('a format')),
  tally: optional(object('a tally')),
});

/** The pairs of a stage, and what its losses read beside them. */
function stageBatches(
  timeline: Timeline,
  stage: StageSchedule,
  { seed, steps, streamOf, tokenizer, format, tally }: TimelineBatchesOptions,
): BatchSource<PairBatch> {
  const { spec } = stage;
  const requestAt = requestsOf(timeline, stage, steps);
  return pairBatches(streamOf(spec), {
    seed,
    tokenizer,
    ...(tally && { tally }),
    shape(step) {
      const { images, length } = requestAt(step);
      return { images, preprocessing: stagePreprocessing(timeline, spec, length) };
    },
    alsoAt: (step) =>
      stageArrays(timeline, spec, { seed, step, images: requestAt(step).images, tokenizer, format }),
  });
}

/**
 * All that a timeline's losses read, from samples of any source: pairs for the sigmoid loss, the decoder's texts
 * (a caption, and a box and its words where a sample has regions), views and masks for SILC and TIPS, and what losses of
 * your own make of samples. A pure function of the options and the request, so that a resumed run sees the same batches.
 * @example
 * const timeline = paperTimeline('base');
 * const photos = await imageFolder('photos');
 * const tokenizer = await loadTokenizer('model/tokenizer.json', { length: 64 });
 * const streamOf = () => sampleStream(photos, { seed: 0 });
 * const batches = timelineBatches(timeline, { seed: 0, tokenizer, streamOf });
 * await trainStages(timelineRun(timeline, batches, { seed: 0 }), { runDir: 'out/run', saveEvery: 100 });
 * await batches.close();
 */
export function timelineBatches(
  timeline: Timeline,
  options: TimelineBatchesOptions,
): Pick<TimelineData, 'batchAt'> & {
  /** Ends reading ahead and closes what is open. */
  close(): Promise<void>;
} {
  check('options', batchesSchema, options);
  const sources = new Map<string, BatchSource<PairBatch>>();
  const sourceOf = (stage: StageSchedule): BatchSource<PairBatch> => {
    const { name } = stage.spec;
    const known = sources.get(name) ?? stageBatches(timeline, stage, options);
    sources.set(name, known);
    return known;
  };
  return {
    async batchAt(request) {
      return (await sourceOf(request.stage).batchAt(request.step)).arrays;
    },
    async close() {
      await Promise.all([...sources.values()].map((source) => source.close()));
    },
  };
}
