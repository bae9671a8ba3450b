import {
  fixedPreprocessing,
  type ImagePreprocessing,
  naflexPreprocessing,
} from '../../input/image/preprocessing.ts';
import type { VisionConfig } from '../../model/config.ts';
import { localViewSize, type SelfSupervisionSettings } from '../losses/selfSupervision/settings.ts';
import type { ModelFiles } from '../recipe.ts';
import type { Segment, Timeline } from './timeline.ts';

const CHANNELS = 3;

/** The vision tower of a segment: the timeline's, at the segment's resolution. */
export function segmentVision({ model }: Timeline, { images }: Segment): VisionConfig {
  const common = { ...model.vision, patchSize: images.patchSize, channels: CHANNELS, useHead: true };
  if (images.kind === 'naflex') return { kind: 'naflex', ...common, numPatches: images.grid ** 2 };
  const numPatches = Math.floor(images.resolution / images.patchSize) ** 2;
  return { kind: 'fixed', ...common, imageSize: images.resolution, numPatches };
}

/** The model that a segment trains, and how its images are prepared. */
export function segmentModel(timeline: Timeline, segment: Segment): ModelFiles {
  const { images } = segment;
  return {
    config: { vision: segmentVision(timeline, segment), text: timeline.model.text },
    preprocessor:
      images.kind === 'fixed'
        ? fixedPreprocessing(images.resolution)
        : naflexPreprocessing(images.patchSize, images.grid ** 2),
  };
}

/** How a segment's images become inputs. @param length the NaFlex sequence length of the batch, where it has one */
export const segmentPreprocessing = (
  timeline: Timeline,
  segment: Segment,
  length: number | undefined,
): ImagePreprocessing =>
  length === undefined
    ? segmentModel(timeline, segment).preprocessor
    : naflexPreprocessing(segment.images.patchSize, length);

/** The self-supervised losses' settings: local views are as large a part of the images as in the first segment. */
export function segmentSelfSupervision(timeline: Timeline, segment: Segment): SelfSupervisionSettings {
  const { selfSupervision, segments } = timeline;
  const vision = segmentVision(timeline, segment);
  const first = segmentVision(timeline, segments[0]);
  if (vision.kind !== 'fixed' || first.kind !== 'fixed' || vision.imageSize === first.imageSize)
    return selfSupervision;
  const localSize = localViewSize(vision);
  return { ...selfSupervision, selfDistillation: { ...selfSupervision.selfDistillation, localSize } };
}
