import { multiCropMaker, silcViews } from '../../data/augmentation/multiCrop.ts';
import type { BatchMaker } from '../../data/batches/batchSource.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import type { Arrays } from '../../tensor/index.ts';
import { createRandom } from '../../tensor/random.ts';
import { drawMaskedPositions } from '../losses/selfSupervision/maskedPositions.ts';
import { stageModel, stageSelfSupervision } from './stageModel.ts';
import type { StageSpec, Timeline } from './timeline.ts';

/** The batch that views are made for. */
export interface ViewRequest {
  readonly seed: number;
  readonly step: number;
  readonly images: number;
}

/**
 * What the self-supervised losses of a stage read beside the pairs: a global view and local ones of each image
 * (`global_views`, `local_views`) and which patches of the global one are masked (`masked_positions`).
 * @throws Error for NaFlex images, which have no views
 */
export function viewArrays(
  timeline: Timeline,
  spec: StageSpec,
  { seed, step, images }: ViewRequest,
): BatchMaker<Arrays, { readonly image: RgbImage }> {
  if (spec.images.kind !== 'fixed') throw new Error('NaFlex images have no views');
  const { viewColours, selfDistillation, maskedPrediction } = stageSelfSupervision(timeline, spec);
  const { numPatches } = stageModel(timeline, spec).config.vision;
  const { localSize, views } = selfDistillation;
  const options = { ...silcViews(spec.images.resolution, localSize, viewColours), localViews: views };
  const crops = multiCropMaker(images, options, seed, step);
  const random = createRandom(seed, 'mask', step);
  return {
    add: ({ image }) => crops.add(image),
    finish: () => ({
      ...crops.finish().arrays,
      masked_positions: drawMaskedPositions(random, images, numPatches, maskedPrediction.ratio),
    }),
  };
}
