import type { ModelFiles } from '../../checkpoint/huggingFace/directory.ts';
import {
  fixedPreprocessing,
  type ImagePreprocessing,
  naflexPreprocessing,
} from '../../input/image/preprocessing.ts';
import type { VisionConfig } from '../../model/config.ts';
import { localViewSize, type SelfSupervisionSettings } from '../losses/selfSupervision/settings.ts';
import type { StageSpec, Timeline } from './timeline.ts';

const CHANNELS = 3;

/**
 * The vision tower of a stage: the timeline's, at the stage's resolution.
 * @example
 * const timeline = paperTimeline('base');
 * console.log(stageVision(timeline, timeline.stages[0]).patchSize);
 */
export function stageVision({ model }: Timeline, { images }: StageSpec): VisionConfig {
  const common = { ...model.vision, patchSize: images.patchSize, channels: CHANNELS, useHead: true };
  if (images.kind === 'naflex') return { kind: 'naflex', ...common, numPatches: images.grid ** 2 };
  const numPatches = Math.floor(images.resolution / images.patchSize) ** 2;
  return { kind: 'fixed', ...common, imageSize: images.resolution, numPatches };
}

/**
 * The model that a stage trains, and how its images are prepared.
 * @example
 * const timeline = paperTimeline('base');
 * const { config, preprocessor } = stageModel(timeline, timeline.stages[0]);
 */
export function stageModel(timeline: Timeline, spec: StageSpec): ModelFiles {
  const { images } = spec;
  return {
    config: { vision: stageVision(timeline, spec), text: timeline.model.text },
    preprocessor:
      images.kind === 'fixed'
        ? fixedPreprocessing(images.resolution)
        : naflexPreprocessing(images.patchSize, images.grid ** 2),
  };
}

/**
 * How a stage's images become inputs. @param length the NaFlex sequence length of the batch, where it has one
 * @example
 * const timeline = paperTimeline('base');
 * const preprocessing = stagePreprocessing(timeline, timeline.stages[0], undefined);
 */
export const stagePreprocessing = (
  timeline: Timeline,
  spec: StageSpec,
  length: number | undefined,
): ImagePreprocessing =>
  length === undefined
    ? stageModel(timeline, spec).preprocessor
    : naflexPreprocessing(spec.images.patchSize, length);

/** The self-supervised losses' settings: local views are as large a part of the images as in the first stage. */
export function stageSelfSupervision(timeline: Timeline, spec: StageSpec): SelfSupervisionSettings {
  const { selfSupervision, stages } = timeline;
  const vision = stageVision(timeline, spec);
  const first = stageVision(timeline, stages[0]);
  if (vision.kind !== 'fixed' || first.kind !== 'fixed' || vision.imageSize === first.imageSize)
    return selfSupervision;
  const localSize = localViewSize(vision);
  return { ...selfSupervision, selfDistillation: { ...selfSupervision.selfDistillation, localSize } };
}
