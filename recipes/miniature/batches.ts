/** Which scenes, captions, boxes and views each update of a timeline sees. */
import { type SceneBatch, sceneBatches } from '../../datasets/emoji/index.ts';
import type { DrawnSample } from '../../src/data/index.ts';
import type { Arrays } from '../../src/tensor/index.ts';
import {
  type BatchRequest,
  type StageSchedule,
  stageArrays,
  stagePreprocessing,
  type Timeline,
} from '../../src/train/index.ts';
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

/** Scenes as samples: a caption of each, and a box and its words. */
const samplesOf = ({ scenes, captions, regions }: SceneBatch): DrawnSample[] =>
  scenes.map(({ image }, i) => {
    const drawn = [{ text: captions[i]!.text }];
    const { box, caption } = regions[i]!;
    return {
      source: 'scenes',
      key: String(i),
      image,
      captions: drawn,
      drawn,
      regions: [{ box, text: caption }],
    };
  });

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
    const also = stageArrays(timeline, spec, {
      ...{ seed, step: position, images, tokenizer: data.tokenizer, format: MINIATURE_FORMAT },
    });
    for (const sample of also ? samplesOf(batch) : []) also?.add(sample);
    return { ...batch.arrays, ...also?.finish() };
  };
}
