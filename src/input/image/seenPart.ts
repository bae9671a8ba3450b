import type { Box } from './box.ts';
import { cropStart, resizedSize } from './fitImage.ts';
import type { ImageSize } from './naflex/naflexSize.ts';
import type { ImagePreprocessing } from './preprocessing.ts';

/**
 * The part of an image that a model's input shows, in pixels of the image. All of it where images are squashed to one size
 * or keep their shape; less where the middle is cut out; more where something is put around them.
 */
export function seenPart(image: ImageSize, config: ImagePreprocessing): Box {
  const whole = { y1: 0, x1: 0, y2: image.height, x2: image.width };
  if (config.kind === 'naflex') return whole;
  const { height, width, crop } = config;
  const resized = resizedSize(image, config);
  const [y, x] = [image.height / resized.height, image.width / resized.width];
  const top = crop ? cropStart(resized.height, height) : 0;
  const left = crop ? cropStart(resized.width, width) : 0;
  return { y1: top * y, x1: left * x, y2: (top + height) * y, x2: (left + width) * x };
}
