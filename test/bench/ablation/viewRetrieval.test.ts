import { expect, it } from 'vitest';
import { viewRetrieval } from '../../../bench/ablation/viewRetrieval.ts';
import { DINO_COLOURS, SAME_COLOURS } from '../../../src/data/augmentation/multiCrop.ts';
import type { ImageSource } from '../../../src/input/image/imageSource.ts';
import type { RgbImage } from '../../../src/input/image/rgbImage.ts';
import { float32 } from '../../../src/tensor/index.ts';

/** 64 pictures of one colour each, evenly spread over the cube. */
const pictures = Array.from({ length: 64 }, (_, n): RgbImage => {
  const colour = [n >> 4, (n >> 2) & 3, n & 3].map((value) => 85 * value);
  return { width: 24, height: 24, data: Uint8Array.from({ length: 24 * 24 * 3 }, (_, i) => colour[i % 3]!) };
});

/** Sees the colour of the first pixel and nothing else. */
const seesColours = {
  embedImages: async (images: readonly ImageSource[]) =>
    float32(
      [images.length, 3],
      (images as RgbImage[]).flatMap(({ data }) => [...data.subarray(0, 3)].map((value) => value / 255)),
    ),
};

it('finds what colours tell as long as they stay', async () => {
  const sizes = { resolution: 16, localSize: 8 };
  const same = await viewRetrieval(seesColours, pictures, SAME_COLOURS, sizes);
  expect(same).toMatchObject({ queries: 4 * 64 });
  // Directions from the mean are not all different, and a tie counts against the model.
  expect(same.at5).toBeGreaterThan(0.9);
  const changed = await viewRetrieval(seesColours, pictures, DINO_COLOURS, sizes);
  expect(changed.at5).toBeLessThan(0.7 * same.at5);
});
