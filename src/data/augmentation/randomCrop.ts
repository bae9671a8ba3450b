import type { Box } from '../../input/image/box.ts';
import type { ImageSize } from '../../input/image/naflex/naflexSize.ts';
import type { Random } from '../../tensor/random.ts';

export interface RandomCropOptions {
  /** Smallest and largest share of the picture's area, 0 … 1. */
  readonly area: readonly [number, number];
  /** Smallest and largest width / height; drawn evenly on a logarithmic scale. */
  readonly aspect: readonly [number, number];
}

const ATTEMPTS = 10;

/** The whole picture, less what its aspect ratio goes beyond the allowed ones; in the middle. */
function centralCrop({ width, height }: ImageSize, [narrowest, widest]: readonly [number, number]): Box {
  const aspect = width / height;
  const w = aspect > widest ? Math.round(height * widest) : width;
  const h = aspect < narrowest ? Math.round(width / narrowest) : height;
  const [y1, x1] = [Math.floor((height - h) / 2), Math.floor((width - w) / 2)];
  return { y1, x1, y2: y1 + h, x2: x1 + w };
}

/**
 * A random part of a picture, in whole pixels: torchvision's RandomResizedCrop. Ten draws of area and aspect ratio;
 * when none fits inside the picture, the largest central crop of an allowed aspect ratio.
 */
export function drawCrop(size: ImageSize, { area, aspect }: RandomCropOptions, random: Random): Box {
  const { width, height } = size;
  const logAspect = [Math.log(aspect[0]), Math.log(aspect[1])] as const;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const pixels = width * height * random.uniform(area[0], area[1]);
    const ratio = Math.exp(random.uniform(logAspect[0], logAspect[1]));
    const w = Math.round(Math.sqrt(pixels * ratio));
    const h = Math.round(Math.sqrt(pixels / ratio));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const [y1, x1] = [random.int(height - h + 1), random.int(width - w + 1)];
    return { y1, x1, y2: y1 + h, x2: x1 + w };
  }
  return centralCrop(size, aspect);
}
