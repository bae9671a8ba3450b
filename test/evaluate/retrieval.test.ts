import { describe, expect, it } from 'vitest';
import { evaluateRetrieval } from '../../src/evaluate/retrieval.ts';
import { rgbImage } from '../../src/input/image/rgbImage.ts';
import { float32 } from '../../src/tensor/index.ts';

/** Embeds images by their first pixel's red, and texts by the number they begin with, as angles. */
const encoder = {
  width: 2,
  embedImages: async (images: readonly unknown[]) =>
    rows((images as { data: Uint8Array }[]).map(({ data }) => data[0]!)),
  embedTexts: async (texts: readonly string[]) => rows(texts.map(Number.parseFloat)),
};
const rows = (degrees: readonly number[]) =>
  float32(
    [degrees.length, 2],
    degrees.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]),
  );
const image = (angle: number) => rgbImage(1, 1, Uint8Array.from([angle, 0, 0]));

describe('evaluateRetrieval', () => {
  it('lets texts find their image and images any of their texts, beside chance', async () => {
    const result = await evaluateRetrieval(encoder, [
      { image: image(0), texts: ['1', '41'] },
      // Its text is nearer to the first image.
      { image: image(30), texts: ['3'] },
    ]);
    expect(result).toMatchObject({
      images: 2,
      texts: 3,
      // '1' finds image 0; '41' and '3' find the wrong one.
      textToImage: { queries: 3, at1: 1 / 3, at5: 1 },
      // Image 0 finds '1'; image 30 finds '41', which is not its own.
      imageToText: { queries: 2, at1: 1 / 2, at5: 1 },
      chance: { textToImage: { queries: 3, at1: 1 / 2, at5: 1 }, imageToText: { at1: 1 / 2, at5: 1 } },
    });
  });

  it('knows what guessing reaches with several right answers among many', async () => {
    const described = Array.from({ length: 10 }, (_, i) => ({
      image: image(9 * i),
      texts: [String(9 * i), String(9 * i + 1)],
    }));
    const { chance } = await evaluateRetrieval(encoder, described);
    // 5 of 20 texts miss both right ones with probability (15·14)/(20·19).
    expect(chance.imageToText.at5).toBeCloseTo(1 - (15 * 14) / (20 * 19), 12);
    expect(chance.textToImage.at5).toBeCloseTo(0.5, 12);
  });
});
