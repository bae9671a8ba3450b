import { describe, expect, it } from 'vitest';
import { evaluateRetrieval } from '../../../src/evaluate/tasks/retrieval.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';
import { float32 } from '../../../src/tensor/index.ts';

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

  it('asks nothing of an image without texts, which stays a wrong answer', async () => {
    const result = await evaluateRetrieval(encoder, [
      { image: image(0), texts: ['1'] },
      { image: image(2), texts: [] },
      { image: image(60), texts: ['61'] },
    ]);
    expect(result).toMatchObject({
      images: 3,
      imagesWithoutText: 1,
      imageToText: { queries: 2, at1: 1 },
      chance: { textToImage: { at1: 1 / 3 }, imageToText: { queries: 2, at1: 1 / 2, at5: 1 } },
    });
    await expect(evaluateRetrieval(encoder, [{ image: image(0), texts: [] }])).rejects.toThrow(
      /no image has a text/,
    );
  });

  it('takes equal texts as one answer, as training does, unless told that each has one image', async () => {
    const described = [
      { image: image(0), texts: ['1 dog'] },
      { image: image(80), texts: ['1 Dog '] },
      { image: image(40), texts: ['40 cat'] },
    ];
    expect(await evaluateRetrieval(encoder, described)).toMatchObject({
      sharedTexts: 2,
      textToImage: { at1: 1 },
      // The image at 80 is nearest to the cat's text.
      imageToText: { at1: 2 / 3 },
      chance: { textToImage: { at1: expect.closeTo((2 + 2 + 1) / 9, 12) } },
    });
    expect(await evaluateRetrieval(encoder, described, { equalTexts: 'own' })).toMatchObject({
      sharedTexts: 2,
      textToImage: { at1: 2 / 3 },
      chance: { textToImage: { at1: expect.closeTo(1 / 3, 12) } },
    });
  });
});
