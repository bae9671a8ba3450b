import { multiCropMaker, silcViews } from '../../../data/augmentation/multiCrop.ts';
import type { BatchMaker } from '../../../data/batches/batchSource.ts';
import type { RgbImage } from '../../../input/image/rgbImage.ts';
import type { FixedVisionConfig } from '../../../model/config.ts';
import type { Arrays } from '../../../tensor/index.ts';
import { createRandom } from '../../../tensor/random.ts';
import { drawMaskedPositions } from './maskedPositions.ts';
import type { SelfSupervisionSettings, ViewLoss } from './settings.ts';

/** The batch that views are made for. */
export interface ViewRequest {
  readonly seed: number;
  readonly step: number;
  readonly images: number;
}

/**
 * What self-supervised losses read beside the pairs: a global view of each image (`global_views`), local ones for
 * self-distillation (`local_views`), and for masked prediction which patches of the global one are masked
 * (`masked_positions`). The views of an image are the same whichever of the losses there are.
 */
export function viewArrays(
  { imageSize, numPatches }: Pick<FixedVisionConfig, 'imageSize' | 'numPatches'>,
  { viewColours, selfDistillation, maskedPrediction }: SelfSupervisionSettings,
  losses: readonly ViewLoss[],
  { seed, step, images }: ViewRequest,
): BatchMaker<Arrays, { readonly image: RgbImage }> {
  const [local, masked] = [losses.includes('selfDistillation'), losses.includes('maskedPrediction')];
  const { localSize, views } = selfDistillation;
  const options = { ...silcViews(imageSize, localSize, viewColours), localViews: local ? views : 0 };
  const crops = multiCropMaker(images, options, seed, step);
  const random = createRandom(seed, 'mask', step);
  return {
    add: ({ image }) => crops.add(image),
    finish() {
      const { global_views, local_views } = crops.finish().arrays;
      return {
        global_views,
        ...(local && { local_views }),
        ...(masked && {
          masked_positions: drawMaskedPositions(random, images, numPatches, maskedPrediction.ratio),
        }),
      };
    },
  };
}
