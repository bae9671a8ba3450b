import { type SceneBatch, sceneBatches } from '../../datasets/emoji/scenes/batches.ts';
import type { LoccaExample } from '../../src/data/batches/loccaBatch.ts';
import type { Arrays } from '../../src/tensor/index.ts';
import { decoderArrays } from '../../src/train/timeline/decoderArrays.ts';
import { stagePreprocessing } from '../../src/train/timeline/stageModel.ts';
import type { StageSchedule } from '../../src/train/timeline/stageSchedule.ts';
import type { StageSpec, Timeline } from '../../src/train/timeline/timeline.ts';
import type { BatchRequest } from '../../src/train/timeline/timelineRun.ts';
import { viewArrays } from '../../src/train/timeline/viewArrays.ts';
import type { MiniatureData } from './data.ts';
import { MINIATURE_FORMAT } from './vocabulary.ts';

/** Where steps after the timeline take their scenes from: far behind all that its forks can have seen. */
const AFTER = 1_000_000;

/**
 * Which batch of the endless scenes an update sees. Stages at one place of the schedule see the same scenes, so that
 * variants differ in what they learn from them alone.
 */
const positionOf = ({ spec, part }: StageSchedule, step: number): number =>
  (spec.extent.kind === 'extra' ? AFTER : part.from) + step;

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
  spec: StageSpec,
  { scenes }: SceneBatch,
  seed: number,
  step: number,
): Arrays {
  const views = viewArrays(timeline, spec, { seed, step, images: scenes.length });
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
    const { spec } = stage;
    const position = positionOf(stage, step);
    const batch = sceneBatches(scenes, data.tokenizer, {
      seed,
      images,
      textsPerImage: 1,
      preprocessing: stagePreprocessing(timeline, spec, length),
    })(position);
    const decoder = { seed, step: position, tokenizer: data.tokenizer, format: MINIATURE_FORMAT };
    return {
      ...batch.arrays,
      ...(spec.losses.includes('locca') && decoderArrays(timeline, spec, loccaExamples(batch), decoder)),
      ...(spec.losses.includes('selfDistillation') && sceneViews(timeline, spec, batch, seed, position)),
    };
  };
}
