import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import {
  type RgbaPixels,
  removeLeftovers,
  writeAll,
  writeAtomic,
  writeJson,
} from '../../../src/data/index.ts';
import { locatePackage } from '../packages.ts';
import { type Drawing, listDrawings } from './drawings.ts';
import { renderDrawing } from './render.ts';
import { type Style, styleSources } from './styles.ts';

/** All drawings of one style, rasterised. */
export interface StylePictures {
  readonly style: Style;
  readonly size: number;
  readonly count: number;
  /** The i-th drawing, size × size × 4 bytes: a view, not a copy. Throws RangeError outside 0 … count-1. */
  picture(index: number): RgbaPixels;
}

export interface PictureOptions {
  /** Side of a picture in pixels. */
  readonly size: number;
  /** Folder for the rasterised pictures; it is created. */
  readonly cacheDir: string;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Change when the rendering code changes its result. */
const RENDERING_VERSION = 2;
/** Enough to keep the decoder's threads busy while JavaScript resizes. */
const DECODES_IN_FLIGHT = 4;

/** Names the cache file by everything that decides its bytes: which file is whose, and documents without a file too. */
function cacheKey(style: Style, ids: readonly string[], size: number, drawings: readonly Drawing[]): string {
  const { name, version } = locatePackage(styleSources[style].packageName);
  const decoder = { sharp: sharp.versions.sharp, vips: sharp.versions.vips, rsvg: sharp.versions.rsvg };
  const sources = drawings.map((drawing) => ('svg' in drawing ? drawing.svg : basename(drawing.path)));
  const identity = JSON.stringify([RENDERING_VERSION, name, version, decoder, size, ids, sources]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 12);
}

async function renderAll(
  drawings: readonly Drawing[],
  size: number,
  onProgress: PictureOptions['onProgress'],
): Promise<Uint8Array> {
  const stride = size * size * 4;
  const data = new Uint8Array(drawings.length * stride);
  let next = 0;
  let done = 0;
  async function work(): Promise<void> {
    while (next < drawings.length) {
      const index = next++;
      data.set(await renderDrawing(drawings[index]!, size), index * stride);
      onProgress?.(++done, drawings.length);
    }
  }
  await Promise.all(Array.from({ length: DECODES_IN_FLIGHT }, work));
  return data;
}

async function readCached(path: string, bytes: number): Promise<Uint8Array | undefined> {
  const data = await readFile(path).catch(() => undefined);
  return data?.length === bytes ? data : undefined;
}

/**
 * The pictures of the given emoji in one style, in the order of `ids`. Rasterised once and kept in `cacheDir` as
 * `<style>-<size>-<key>.bin` (raw RGBA) with a `.json` beside it that lists the identifiers; the key covers the
 * versions of the drawings and of the decoder. Throws if the style lacks one of the emoji.
 */
export async function loadPictures(
  style: Style,
  ids: readonly string[],
  options: PictureOptions,
): Promise<StylePictures> {
  const { size, cacheDir, onProgress } = options;
  if (!Number.isInteger(size) || size < 1 || size > 1024) {
    throw new RangeError(`size is ${size}; it must be an integer from 1 to 1024`);
  }
  const stride = size * size * 4;
  const listed = await listDrawings(style);
  const missing = ids.find((id) => !listed.has(id));
  if (missing !== undefined) throw new Error(`the style ${style} has no drawing of the emoji ${missing}`);
  const drawings = ids.map((id) => listed.get(id)!);
  const base = join(cacheDir, `${style}-${size}-${cacheKey(style, ids, size, drawings)}`);
  let data = await readCached(`${base}.bin`, ids.length * stride);
  if (data === undefined) {
    await removeLeftovers(cacheDir);
    data = await renderAll(drawings, size, onProgress);
    await writeJson(`${base}.json`, { style, size, channels: 'RGBA', ids });
    const rendered = data;
    await writeAtomic(`${base}.bin`, (file) => writeAll(file, rendered));
  }
  const pixels = data;
  return {
    style,
    size,
    count: ids.length,
    picture(index) {
      if (!Number.isInteger(index) || index < 0 || index >= ids.length) {
        throw new RangeError(`picture ${index} is outside 0 … ${ids.length - 1}`);
      }
      return pixels.subarray(index * stride, (index + 1) * stride);
    },
  };
}
