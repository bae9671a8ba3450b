import type { FixedPreprocessing } from './preprocessing.ts';
import { resizeBigVision } from './resize/resizeBigVision.ts';
import { resizeNearest } from './resize/resizeNearest.ts';
import { resizePillow } from './resize/resizePillow.ts';
import type { RgbImage } from './rgbImage.ts';

type Size = Pick<RgbImage, 'height' | 'width'>;

/** Python's `round`: halves go to the even number. */
const roundHalfEven = (value: number): number => {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
};

/** The shorter side becomes `edge`, the longer one keeps the shape (rounded down). */
function shortestEdgeSize({ height, width }: Size, edge: number): Size {
  const long = (side: number, other: number) => Math.trunc((edge * side) / other);
  return width <= height
    ? { width: edge, height: long(height, width) }
    : { height: edge, width: long(width, height) };
}

/** The same, but the longer side is at most `longest`: Hugging Face's `get_size_with_aspect_ratio`. */
function boundedEdgeSize({ height, width }: Size, edge: number, longest: number): Size {
  const [short, long] = height < width ? [height, width] : [width, height];
  const bounded = (long / short) * edge > longest;
  const exact = bounded ? (longest * short) / long : edge;
  const side = bounded ? roundHalfEven(exact) : edge;
  if (short === side) return { height, width };
  const other = Math.trunc((exact * long) / short);
  return width < height ? { width: side, height: other } : { height: side, width: other };
}

/** As large as fits, of the same shape: Hugging Face's `get_image_size_for_max_height_width`. */
function insideSize({ height, width }: Size, maxHeight: number, maxWidth: number): Size {
  const scale = Math.min(maxHeight / height, maxWidth / width);
  return { height: Math.trunc(height * scale), width: Math.trunc(width * scale) };
}

/** The size that an image is resized to, before any crop. */
export function resizedSize(image: Size, { resize, height, width }: FixedPreprocessing): Size {
  if (resize === undefined) return { height, width };
  if (resize === 'none') return image;
  if ('height' in resize) return resize;
  if ('maxHeight' in resize) return insideSize(image, resize.maxHeight, resize.maxWidth);
  const { shortestEdge, longestEdge } = resize;
  return longestEdge === undefined
    ? shortestEdgeSize(image, shortestEdge)
    : boundedEdgeSize(image, shortestEdge, longestEdge);
}

/** What an image may be resized to: as much as may be decoded. A thin one whose shorter side grows is past it soon. */
const MAX_PIXELS = 100e6;

function resizeTo(image: RgbImage, { width, height }: Size, { resample }: FixedPreprocessing): RgbImage {
  if (width === image.width && height === image.height) return image;
  if (width * height > MAX_PIXELS) {
    throw new RangeError(
      `The ${image.width}×${image.height} image becomes ${width}×${height} when it is resized: crop it to a shape that is less thin first.`,
    );
  }
  if (resample === 'big_vision') return resizeBigVision(image, height, width);
  if (resample === 'nearest') return resizeNearest(image, width, height);
  return resizePillow(image, width, height, resample);
}

/** Where the middle of a side begins, of which so much is cut out; below 0 where the side is shorter. */
export const cropStart = (side: number, wanted: number): number => Math.floor((side - wanted) / 2);

/** The middle of an image, and black around one that is smaller: Hugging Face's `center_crop`. */
function centreCrop(image: RgbImage, { height, width }: Size): RgbImage {
  const top = cropStart(image.height, height);
  const left = cropStart(image.width, width);
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
 * An image at the size of a fixed-resolution model: resized, then cropped, as its preprocessor says. What is padded may
 * still be smaller.
 * @throws RangeError when what the preprocessor says leaves the image at another size, which such a model cannot take.
 */
export function fitImage(image: RgbImage, config: FixedPreprocessing): RgbImage {
  const resized = resizeTo(image, resizedSize(image, config), config);
  const fitted = config.crop ? centreCrop(resized, config) : resized;
  const { height, width } = config;
  if (fitted.width === width && fitted.height === height) return fitted;
  if (config.pad && fitted.width <= width && fitted.height <= height) return fitted;
  const sizes = `${image.width}×${image.height} image becomes ${fitted.width}×${fitted.height}`;
  throw new RangeError(
    `The ${sizes}, but the model takes ${width}×${height}: its preprocessor resizes no image to that shape, so bring it to that shape first.`,
  );
}
