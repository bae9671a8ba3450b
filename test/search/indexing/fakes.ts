import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll } from 'vitest';
import type { Encoder } from '../../../src/encoder/encoder.ts';
import type { EncoderImage } from '../../../src/input/image/imageSource.ts';
import { fixedPreprocessing } from '../../../src/input/image/preprocessing.ts';
import { float32 } from '../../../src/tensor/ndarray.ts';

const WIDTH = 8;
const SIDE = 4;

/** A folder that is removed after the test file. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'siglip2-indexing-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Flat pictures by their number: each has a colour of its own. */
const colourOf = (number: number) => ({ r: (37 * number) & 255, g: (101 * number) & 255, b: number & 255 });

/** Writes the picture of a number as PNG. */
export async function picture(path: string, number: number): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  const create = { width: 8, height: 6, channels: 3 as const, background: colourOf(number) };
  writeFileSync(path, await sharp({ create }).png().toBuffer());
  return path;
}

const unit = (values: readonly number[]): number[] => {
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
};

function embed(image: EncoderImage): number[] {
  const { data } =
    typeof image === 'object' && 'fitted' in image && image.fitted === 'fixed'
      ? image.image
      : (image as { data: Uint8Array });
  return unit([1, data[0]!, data[1]!, data[2]!, 7, 5, 3, 2]);
}

export interface FakeEncoder
  extends Pick<Encoder, 'embedImages' | 'embedTexts' | 'width' | 'decode' | 'preprocessing'> {
  /** Pictures that were embedded so far. */
  count: number;
  /** Called before each group. */
  onGroup(): void | Promise<void>;
}

/** Embeds by the first pixel, and counts. */
export function fakeEncoder(seed = 1): FakeEncoder & Encoder {
  const encoder: FakeEncoder = {
    count: 0,
    onGroup: () => {},
    width: WIDTH,
    decode: {},
    preprocessing: fixedPreprocessing(SIDE),
    async embedImages(images) {
      await encoder.onGroup();
      encoder.count += images.length;
      return float32([images.length, WIDTH], images.flatMap(embed));
    },
    embedTexts: async (texts) =>
      float32(
        [texts.length, WIDTH],
        texts.flatMap(() => unit(Array.from({ length: WIDTH }, (_, i) => (i === seed ? 9 : 1)))),
      ),
  };
  return encoder as FakeEncoder & Encoder;
}
