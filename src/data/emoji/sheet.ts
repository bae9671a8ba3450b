import sharp from 'sharp';
import { writeAll, writeAtomic, writeJson } from '../../checkpoint/atomic.ts';
import type { RgbaPixels } from './render.ts';

export interface SheetOptions {
  /** Side of one tile in pixels: the size of every picture. */
  readonly tile: number;
  /** Tiles in a row. Default: as square as possible. */
  readonly columns?: number;
  /** WebP quality, 1 … 100; alpha is kept exact. Default 80. */
  readonly quality?: number;
}

/** What the JSON file beside a sheet says. */
export interface SheetIndex {
  readonly tile: number;
  readonly columns: number;
  /** Emoji in tile order: tile i stands at column i mod columns, row ⌊i / columns⌋. */
  readonly emoji: readonly string[];
}

/** The largest side that a WebP file can have. */
const WEBP_LIMIT = 16_383;

/** Copies square tiles of RGBA pixels into one picture, row by row. */
export function arrangeTiles(
  pictures: readonly RgbaPixels[],
  tile: number,
  columns: number,
): { width: number; height: number; data: Uint8Array } {
  const width = columns * tile;
  const height = Math.ceil(pictures.length / columns) * tile;
  const data = new Uint8Array(width * height * 4);
  const rowBytes = tile * 4;
  pictures.forEach((picture, index) => {
    if (picture.length !== tile * rowBytes) {
      throw new RangeError(
        `picture ${index} has ${picture.length} bytes; a tile of ${tile} pixels has ${tile * rowBytes}`,
      );
    }
    const left = (index % columns) * tile;
    const top = Math.floor(index / columns) * tile;
    for (let y = 0; y < tile; y++) {
      data.set(picture.subarray(y * rowBytes, (y + 1) * rowBytes), ((top + y) * width + left) * 4);
    }
  });
  return { width, height, data };
}

/**
 * Writes one style's pictures as a WebP sprite sheet at `path` and its index as JSON at `path` with the ending
 * `.json`, for use without the source packages.
 * @param emoji the text of each emoji, in the order of `pictures` (tile × tile RGBA each)
 * @returns the sheet's size in bytes
 */
export async function writeSheet(
  pictures: readonly RgbaPixels[],
  emoji: readonly string[],
  path: string,
  options: SheetOptions,
): Promise<number> {
  const { tile, quality = 80 } = options;
  const columns = options.columns ?? Math.ceil(Math.sqrt(pictures.length));
  if (!path.endsWith('.webp')) throw new Error(`the sheet's path is ${path}; it must end in .webp`);
  if (pictures.length === 0 || pictures.length !== emoji.length) {
    throw new RangeError(
      `a sheet needs as many emoji as pictures, got ${emoji.length} and ${pictures.length}`,
    );
  }
  const { width, height, data } = arrangeTiles(pictures, tile, columns);
  if (Math.max(width, height) > WEBP_LIMIT) {
    throw new RangeError(
      `the sheet would be ${width} × ${height}; WebP allows ${WEBP_LIMIT}: use smaller tiles or fewer emoji`,
    );
  }
  const webp = await sharp(data, { raw: { width, height, channels: 4 } })
    .webp({ quality, alphaQuality: 100, effort: 6, smartSubsample: true })
    .toBuffer();
  const index: SheetIndex = { tile, columns, emoji };
  await writeAtomic(path, (file) => writeAll(file, webp));
  await writeJson(path.replace(/\.webp$/, '.json'), index);
  return webp.length;
}
