import type { FixedPreprocessing } from './config.ts';
import { resizeBigVision } from './resizeBigVision.ts';
import { resizeNearest } from './resizeNearest.ts';
import { resizePillow } from './resizePillow.ts';
import type { RgbImage } from './rgbImage.ts';

type Size = Pick<RgbImage, 'height' | 'width'>;

/** The shorter side becomes `edge`, the longer one keeps the shape (rounded down). */
function shortestEdgeSize({ height, width }: Size, edge: number): Size {
  const long = (side: number, other: number) => Math.trunc((edge * side) / other);
  return width <= height
    ? { width: edge, height: long(height, width) }
    : { height: edge, width: long(width, height) };
}

/** The size that an image is resized to, before any crop. */
function resizedSize(image: Size, { resize, height, width }: FixedPreprocessing): Size {
  if (resize === undefined) return { height, width };
  if (resize === 'none') return image;
  return 'shortestEdge' in resize ? shortestEdgeSize(image, resize.shortestEdge) : resize;
}

function resizeTo(image: RgbImage, { width, height }: Size, { resample }: FixedPreprocessing): RgbImage {
  if (width === image.width && height === image.height) return image;
  if (resample === 'big_vision') return resizeBigVision(image, height, width);
  if (resample === 'nearest') return resizeNearest(image, width, height);
  return resizePillow(image, width, height, resample);
}

/** The middle of an image, and black around one that is smaller: Hugging Face's `center_crop`. */
function centreCrop(image: RgbImage, { height, width }: Size): RgbImage {
  const offset = (side: number, wanted: number) => Math.floor((side - wanted) / 2);
  const top = offset(image.height, height);
  const left = offset(image.width, width);
  const data = new Uint8Array(width * height * 3);
  for (let y = Math.max(0, -top); y < Math.min(height, image.height - top); y++) {
    const from = Math.max(0, left);
    const to = Math.min(image.width, left + width);
    const line = (y + top) * image.width * 3;
    data.set(image.data.subarray(line + from * 3, line + to * 3), (y * width + from - left) * 3);
  }
  return { height, width, data };
}

/**
 * An image at the size of a fixed-resolution model: resized, then cropped, as its preprocessor says.
 * @throws RangeError when what the preprocessor says leaves the image at another size, which such a model cannot take.
 */
export function fitImage(image: RgbImage, config: FixedPreprocessing): RgbImage {
  const resized = resizeTo(image, resizedSize(image, config), config);
  const fitted = config.crop ? centreCrop(resized, config) : resized;
  if (fitted.width === config.width && fitted.height === config.height) return fitted;
  const sizes = `${image.width}×${image.height} image becomes ${fitted.width}×${fitted.height}`;
  throw new RangeError(
    `The ${sizes}, but the model takes ${config.width}×${config.height}: its preprocessor resizes no image to that shape, so bring it to that shape first.`,
  );
}
