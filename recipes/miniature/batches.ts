import type { LoccaExample } from '../../src/data/batches/loccaBatch.ts';
import { type SceneBatch, sceneBatches } from '../../src/data/emoji/scenes/batches.ts';
import type { Arrays } from '../../src/tensor/index.ts';
import { decoderArrays } from '../../src/train/timeline/decoderArrays.ts';
import { segmentPreprocessing } from '../../src/train/timeline/stageModel.ts';
import type { TimelineStage } from '../../src/train/timeline/stageSchedule.ts';
import type { Segment, Timeline } from '../../src/train/timeline/timeline.ts';
import type { BatchRequest } from '../../src/train/timeline/timelineRun.ts';
import { viewArrays } from '../../src/train/timeline/viewArrays.ts';
import type { MiniatureData } from './data.ts';
import { MINIATURE_FORMAT } from './vocabulary.ts';

/** Where steps after the timeline take their scenes from: far behind all that its forks can have seen. */
const AFTER = 1_000_000;

/**
 * Which batch of the endless scenes an update sees. Segments at one place of the schedule see the same scenes, so that
 * variants differ in what they learn from them alone.
 */
const positionOf = ({ segment, part }: TimelineStage, step: number): number =>
  (segment.extent.kind === 'extra' ? AFTER : part.from) + step;

/** A caption, and a box and its words, of each scene. */
const loccaExamples = ({ captions, regions }: SceneBatch): LoccaExample[] =>
  captions.map(({ text }, i) => ({
    caption: text,
    referring: regions[i]!,
    groundedCaptioning: regions[i]!,
  }));

/** Local and global views, and what is masked. */
function sceneViews(
  timeline: Timeline,
  segment: Segment,
  { scenes }: SceneBatch,
  seed: number,
  step: number,
): Arrays {
  const views = viewArrays(timeline, segment, { seed, step, images: scenes.length });
  scenes.forEach(views.add);
  return views.finish();
}

/** Batches of a timeline on emoji scenes: pure functions of the request. */
export function miniatureBatches(
  data: MiniatureData,
  timeline: Timeline,
  seed: number,
): (request: BatchRequest) => Arrays {
  const scenes = data.trainScenes(seed);
  return ({ stage, step, images, length }) => {
    const { segment } = stage;
    const position = positionOf(stage, step);
    const batch = sceneBatches(scenes, data.tokenizer, {
      seed,
      images,
      textsPerImage: 1,
      preprocessing: segmentPreprocessing(timeline, segment, length),
    })(position);
    const decoder = { seed, step: position, tokenizer: data.tokenizer, format: MINIATURE_FORMAT };
    return {
      ...batch.arrays,
      ...(segment.losses.includes('locca') &&
        decoderArrays(timeline, segment, loccaExamples(batch), decoder)),
      ...(segment.losses.includes('selfDistillation') &&
        sceneViews(timeline, segment, batch, seed, position)),
    };
  };
}
