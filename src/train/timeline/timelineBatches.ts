import type { BatchSource } from '../../data/batches/batchSource.ts';
import type { CaptionedBox, LoccaExample } from '../../data/batches/loccaBatch.ts';
import {
  type BatchEncoder,
  type BatchSample,
  type PairBatch,
  pairBatches,
} from '../../data/batches/pairBatches.ts';
import type { Region } from '../../data/samples/sample.ts';
import type { Tally } from '../../data/samples/tally.ts';
import type { SampleStream } from '../../data/streams/stream.ts';
import type { PieceEncoder } from '../../input/text/locca/encode.ts';
import type { LoccaFormat } from '../../input/text/locca/format.ts';
import type { Arrays } from '../../tensor/index.ts';
import { createRandom, type Random } from '../../tensor/random.ts';
import { callback, check, count, object, optional, seed, settings } from '../../tensor/settings.ts';
import { decoderArrays } from './decoderArrays.ts';
import { stagePreprocessing } from './stageModel.ts';
import type { StageSchedule } from './stageSchedule.ts';
import type { StageSpec, Timeline } from './timeline.ts';
import { type BatchRequest, requestsOf, type TimelineData } from './timelineRun.ts';
import { viewArrays } from './viewArrays.ts';

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

const captioned = ({ box, text }: Region): CaptionedBox => ({ box, caption: text });

/** A caption, and one of the regions for each of the tasks with boxes, where there are regions. */
function loccaExample({ captions, regions }: BatchSample, random: Random): LoccaExample {
  const caption = captions[0]!.text;
  if (regions.length === 0) return { caption };
  return {
    caption,
    referring: captioned(random.pick(regions)),
    groundedCaptioning: captioned(random.pick(regions)),
  };
}

/** What the decoder learns from a batch. */
function decoderTexts(
  timeline: Timeline,
  { samples }: PairBatch,
  { stage, step }: BatchRequest,
  { seed, tokenizer, format }: TimelineBatchesOptions,
): Arrays {
  const examples = samples.map((sample, i) =>
    loccaExample(sample, createRandom(seed, 'locca', 'region', step, i)),
  );
  return decoderArrays(timeline, stage.spec, examples, { seed, step, tokenizer, format });
}

/** The pairs of a stage, and the views that its losses need. */
function stageBatches(
  timeline: Timeline,
  stage: StageSchedule,
  options: TimelineBatchesOptions,
): BatchSource<PairBatch> {
  const { spec } = stage;
  const { seed, steps, streamOf, tokenizer, tally } = options;
  const requestAt = requestsOf(timeline, stage, steps);
  const withViews = spec.losses.includes('selfDistillation') || spec.losses.includes('maskedPrediction');
  return pairBatches(streamOf(spec), {
    seed,
    tokenizer,
    ...(tally && { tally }),
    shape(step) {
      const { images, length } = requestAt(step);
      return { images, preprocessing: stagePreprocessing(timeline, spec, length) };
    },
    ...(withViews && {
      alsoAt: (step) => viewArrays(timeline, spec, { seed, step, images: requestAt(step).images }),
    }),
  });
}

/**
 * All that a timeline's losses read, from samples of any source: pairs for the sigmoid loss, the decoder's texts
 * (a caption, and a box and its words where a sample has regions), views and masks for SILC and TIPS. A pure function of
 * the options and the request, so that a resumed run sees the same batches.
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
      const batch = await sourceOf(request.stage).batchAt(request.step);
      return {
        ...batch.arrays,
        ...(request.stage.spec.losses.includes('locca') && decoderTexts(timeline, batch, request, options)),
      };
    },
    async close() {
      await Promise.all([...sources.values()].map((source) => source.close()));
    },
  };
}
