import type { FixedPreprocessing, ImagePreprocessing, Resample } from '../../../input/image/preprocessing.ts';
import { FILTERS } from './classes.ts';

function formatSize(resize: Exclude<FixedPreprocessing['resize'], undefined | 'none'>) {
  if ('height' in resize) return resize;
  if ('maxHeight' in resize) return { max_height: resize.maxHeight, max_width: resize.maxWidth };
  const { shortestEdge, longestEdge } = resize;
  return { shortest_edge: shortestEdge, ...(longestEdge !== undefined && { longest_edge: longestEdge }) };
}

/** How a processor's sizes are written. */
function formatFitting({ height, width, resize, crop, pad }: FixedPreprocessing): Record<string, unknown> {
  const size = { height, width };
  return {
    do_resize: resize !== 'none',
    size: formatSize(resize === undefined || resize === 'none' ? size : resize),
    ...(crop && { do_center_crop: true, crop_size: size }),
    ...(pad && { do_pad: true, pad_size: size }),
  };
}

/** Pillow's number of a filter; the training code's own resize has none, and bilinear is the nearest that others can read. */
const filterNumber = (resample: Resample): number =>
  FILTERS.indexOf(resample === 'big_vision' ? 'bilinear' : resample);

/** The `preprocessor_config.json` of a processor: the inverse of `parsePreprocessor`. */
export function formatPreprocessor(config: ImagePreprocessing): Record<string, unknown> {
  const shared = {
    do_convert_rgb: true,
    do_normalize: true,
    do_rescale: true,
    do_resize: config.resize !== 'none',
    image_mean: config.mean,
    image_std: config.std,
    resample: filterNumber(config.resample),
    rescale_factor: config.rescale,
    ...(config.background && { background_color: config.background }),
  };
  if (config.kind === 'fixed') {
    return {
      ...shared,
      image_processor_type: 'SiglipImageProcessor',
      processor_class: 'SiglipProcessor',
      ...formatFitting(config),
    };
  }
  return {
    ...shared,
    image_processor_type: 'Siglip2ImageProcessor',
    processor_class: 'Siglip2Processor',
    patch_size: config.patchSize,
    max_num_patches: config.maxNumPatches,
  };
}
