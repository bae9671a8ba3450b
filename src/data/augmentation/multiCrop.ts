import { PILLOW_FILTERS, type PillowFilter } from '../../input/image/resize/resamplingTable.ts';
import { checkImage, type FloatImage, type RgbImage } from '../../input/image/rgbImage.ts';
import { type NdArray, zeros } from '../../tensor/index.ts';
import { createRandom, type Random } from '../../tensor/random.ts';
import {
  check,
  count,
  listOf,
  oneOf,
  optional,
  risingPair,
  settings,
  share,
  wholeNumber,
} from '../../tensor/settings.ts';
import {
  augmentColours,
  type ColourAugmentation,
  colourAugmentationSchema,
  DINO_FIRST_GLOBAL,
  DINO_LOCAL,
  DINO_SECOND_GLOBAL,
} from './colourAugmentation.ts';
import { cutView, type ViewGeometry } from './geometry.ts';
import { drawCrop } from './randomCrop.ts';

/** How the views of one kind are made. */
export interface ViewOptions {
  /** Side of the square views in pixels. */
  readonly size: number;
  /** Share of the picture's area that a crop has, 0 … 1. */
  readonly area: readonly [number, number];
  /** Changes of colour; one of them is drawn for each view. None: colours stay. */
  readonly colours: readonly ColourAugmentation[];
}

export interface MultiCropOptions {
  readonly global: ViewOptions;
  readonly local: ViewOptions;
  /** Local views per image; 0 for none. Default 8 (SigLIP 2, section 2.3). */
  readonly localViews?: number;
  /** Width / height of a crop. Default 3/4 … 4/3 (torchvision's RandomResizedCrop, which DINO uses). */
  readonly aspect?: readonly [number, number];
  /** Chance to exchange left and right. Default 0.5 (DINO). */
  readonly flipProbability?: number;
  /** Default bicubic (DINO). */
  readonly filter?: PillowFilter;
}

const viewSchema = settings<ViewOptions>({
  size: count,
  area: risingPair(1),
  colours: listOf(colourAugmentationSchema),
});

const multiCropSchema = settings<MultiCropOptions>({
  global: viewSchema,
  local: viewSchema,
  localViews: optional(wholeNumber),
  aspect: optional(risingPair()),
  flipProbability: optional(share),
  filter: optional(oneOf(PILLOW_FILTERS)),
});

/** Changes of colour for both kinds of views, as in {@link ViewOptions}. */
export interface ViewColours {
  readonly global: ViewOptions['colours'];
  readonly local: ViewOptions['colours'];
}

export const viewColoursSchema = settings<ViewColours>({
  global: listOf(colourAugmentationSchema),
  local: listOf(colourAugmentationSchema),
});

/** DINO's; the single global view takes either of DINO's two. */
export const DINO_COLOURS: ViewColours = {
  global: [DINO_FIRST_GLOBAL, DINO_SECOND_GLOBAL],
  local: [DINO_LOCAL],
};

/** All views keep their picture's colours. */
export const SAME_COLOURS: ViewColours = { global: [], local: [] };

/**
 * The views of the local-to-global loss: one global view of 40–100 % of the picture, eight local ones of 5–40 % (SILC).
 * Sizes are the caller's: the model's resolution, and about 96/256 of it (a multiple of the patch).
 * @example
 * const views = silcViews(224, 96);
 */
export const silcViews = (
  globalSize: number,
  localSize: number,
  colours: ViewColours = DINO_COLOURS,
): MultiCropOptions => ({
  global: { size: globalSize, area: [0.4, 1], colours: colours.global },
  local: { size: localSize, area: [0.05, 0.4], colours: colours.local },
});

/** A view's pixels, 0 … 1, and where they come from. */
interface View {
  readonly image: FloatImage;
  readonly geometry: ViewGeometry;
}

function toFloat({ width, height, data }: RgbImage): FloatImage {
  // A plain loop: `Float32Array.from` with a function takes most of a view's time.
  const values = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) values[i] = data[i]! / 255;
  return { width, height, data: values };
}

function drawView(
  image: RgbImage,
  { size, area, colours }: ViewOptions,
  options: MultiCropOptions,
  random: Random,
): View {
  const { aspect = [3 / 4, 4 / 3], flipProbability = 0.5, filter = 'bicubic' } = options;
  const crop = drawCrop(image, { area, aspect }, random);
  const geometry = { crop, flipped: random.next() < flipProbability, height: size, width: size };
  const pixels = toFloat(cutView(image, geometry, filter));
  const changed = colours.length > 0 ? augmentColours(pixels, random.pick(colours), random) : pixels;
  return { image: changed, geometry };
}

export interface MultiCropBatch {
  /** [N, 3, S, S], −1 … 1. */
  readonly global_views: NdArray<'float32'>;
  /** [N·L, 3, s, s], −1 … 1: the views of image n are rows n·L … n·L + L − 1. */
  readonly local_views: NdArray<'float32'>;
}

export interface MultiCrop {
  readonly arrays: MultiCropBatch;
  /** By image. */
  readonly globals: readonly ViewGeometry[];
  /** By image, then by view. */
  readonly locals: readonly (readonly ViewGeometry[])[];
}

/** 0 … 1, channels last, to −1 … 1, channels first. */
function writePlanes({ data }: FloatImage, target: Float32Array, offset: number): void {
  const pixels = data.length / 3;
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) target[offset + c * pixels + i] = data[i * 3 + c]! * 2 - 1;
  }
}

/** Makes the views of a batch one image after another, so that no more than one needs to be held. */
export interface MultiCropMaker {
  /** @throws RangeError when the image is malformed */
  add(image: RgbImage): void;
  /** The views of all images that were added. */
  finish(): MultiCrop;
}

/**
 * The augmented views of a batch for self-distillation and masked prediction. The views of image n depend on its pixels,
 * the seed, the step and n alone.
 * @param images how many will be added
 * @throws RangeError when an option is out of range
 */
export function multiCropMaker(
  images: number,
  options: MultiCropOptions,
  seed: number,
  step: number,
): MultiCropMaker {
  check('multiCrop', multiCropSchema, options);
  const { global, local, localViews = 8 } = options;
  const global_views = zeros('float32', [images, 3, global.size, global.size]);
  const local_views = zeros('float32', [images * localViews, 3, local.size, local.size]);
  const globals: ViewGeometry[] = [];
  const locals: ViewGeometry[][] = [];
  return {
    add(image) {
      checkImage(image);
      const n = globals.length;
      const view = drawView(image, global, options, createRandom(seed, 'view', step, n, 'global'));
      writePlanes(view.image, global_views.data, n * 3 * global.size ** 2);
      globals.push(view.geometry);
      const parts = Array.from({ length: localViews }, (_, v) =>
        drawView(image, local, options, createRandom(seed, 'view', step, n, v)),
      );
      parts.forEach((part, v) => {
        writePlanes(part.image, local_views.data, (n * localViews + v) * 3 * local.size ** 2);
      });
      locals.push(parts.map(({ geometry }) => geometry));
    },
    finish: () => ({ arrays: { global_views, local_views }, globals, locals }),
  };
}

/**
 * `multiCropMaker` for images that are all at hand.
 * @example
 * const { arrays } = multiCropBatch([await decodeImage('cat.jpg')], silcViews(224, 96), 0, 0);
 */
export function multiCropBatch(
  images: readonly RgbImage[],
  options: MultiCropOptions,
  seed: number,
  step: number,
): MultiCrop {
  const maker = multiCropMaker(images.length, options, seed, step);
  images.forEach(maker.add);
  return maker.finish();
}
