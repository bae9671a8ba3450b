import { type Box, boxArea, intersection } from '../../input/image/box.ts';
import type { PillowFilter } from '../../input/image/resize/resamplingTable.ts';
import { resizePillow } from '../../input/image/resize/resizePillow.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import { check, share } from '../../tensor/settings.ts';

/** How a view was cut out of a picture: cropped, mirrored, resized, in this order. */
export interface ViewGeometry {
  /** In whole pixels of the picture. */
  readonly crop: Box;
  /** Whether left and right are exchanged. */
  readonly flipped: boolean;
  /** Size of the view in pixels. */
  readonly height: number;
  readonly width: number;
}

/** Cuts out whole pixels and, if asked, exchanges left and right. */
function cropAndFlip(image: RgbImage, { y1, x1, y2, x2 }: Box, flipped: boolean): RgbImage {
  const [width, height] = [x2 - x1, y2 - y1];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((y1 + y) * image.width + x1) * 3;
    data.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  if (flipped) flipRows(data, width);
  return { width, height, data };
}

function flipRows(data: Uint8Array, width: number): void {
  const row = width * 3;
  for (let start = 0; start < data.length; start += row) {
    for (let left = start, right = start + row - 3; left < right; left += 3, right -= 3) {
      for (let c = 0; c < 3; c++) {
        const kept = data[left + c]!;
        data[left + c] = data[right + c]!;
        data[right + c] = kept;
      }
    }
  }
}

/** The pixels of a view. */
export function cutView(image: RgbImage, geometry: ViewGeometry, filter: PillowFilter): RgbImage {
  const { crop, flipped, width, height } = geometry;
  return resizePillow(cropAndFlip(image, crop, flipped), width, height, filter);
}

/**
 * A picture's box in pixels of a view, exactly: clipped to the crop, mirrored and scaled.
 * @param minVisibleShare 0 … 1: a box of which less is inside the crop (by area) is dropped. Default 0.5: our choice,
 *   no source says. A box without area inside is dropped in any case.
 */
export function boxInView(
  box: Box,
  { crop, flipped, height, width }: ViewGeometry,
  minVisibleShare = 0.5,
): Box | undefined {
  check('minVisibleShare', share, minVisibleShare);
  const inside = intersection(box, crop);
  const area = boxArea(inside);
  if (area === 0 || area < minVisibleShare * boxArea(box)) return undefined;
  const y = height / (crop.y2 - crop.y1);
  const x = width / (crop.x2 - crop.x1);
  const [left, right] = flipped
    ? [crop.x2 - inside.x2, crop.x2 - inside.x1]
    : [inside.x1 - crop.x1, inside.x2 - crop.x1];
  return { y1: (inside.y1 - crop.y1) * y, x1: left * x, y2: (inside.y2 - crop.y1) * y, x2: right * x };
}
