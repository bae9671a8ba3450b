import { describe, expect, it } from 'vitest';
import type { Encoder } from '../../../src/encoder/encoder.ts';
import { referringAccuracy } from '../../../src/evaluate/tasks/referring.ts';
import { evaluateZeroShot } from '../../../src/evaluate/tasks/zeroShot.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';
import { float32 } from '../../../src/tensor/index.ts';
import { fakeEncoder } from '../../server/fakeEncoder.ts';

const box = (y1: number, x1: number, y2: number, x2: number) => ({ y1, x1, y2, x2 });

describe('referringAccuracy', () => {
  const truths = [
    { box: box(0, 0, 10, 10), candidates: [box(0, 0, 10, 10), box(0, 20, 10, 30)] },
    { box: box(0, 0, 10, 20), candidates: [box(0, 0, 10, 20)] },
    { box: box(50, 50, 60, 60), candidates: [box(0, 0, 1, 1), box(2, 2, 3, 3), box(50, 50, 60, 60)] },
    { box: box(0, 40, 10, 50), candidates: [box(0, 40, 10, 50), box(0, 40, 10, 52)] },
  ];

  it('counts boxes that overlap enough', () => {
    const result = referringAccuracy(
      // IoU 1; 100 of 200 = exactly the threshold; none; 50 of 150.
      [box(0, 0, 10, 10), box(0, 0, 10, 10), undefined, box(0, 45, 10, 55)],
      truths,
    );
    expect(result).toMatchObject({ expressions: 4, accuracy: 0.5 });
    expect(result.meanIoU).toBeCloseTo((1 + 1 / 2 + 0 + 1 / 3) / 4, 12);
  });

  it('knows what guessing would reach', () => {
    const { chance } = referringAccuracy(
      truths.map(() => undefined),
      truths,
    );
    // Of the twelve other boxes only the first two truths meet each other, by exactly one half.
    expect(chance.otherBox).toBe(2 / 12);
    // One of two; the only one; one of three; both of two (10 of 12).
    expect(chance.anyObject).toBeCloseTo((1 / 2 + 1 + 1 / 3 + 1) / 4, 12);
    expect(referringAccuracy([undefined], [{ box: box(0, 0, 1, 1) }]).chance).toEqual({
      otherBox: 0,
      anyObject: undefined,
    });
  });

  it('takes another threshold, and one prediction each', () => {
    const predictions = truths.map(({ box: one }) => ({ ...one, y2: one.y2 - 3 }));
    expect(referringAccuracy(predictions, truths, 0.69).accuracy).toBe(1);
    expect(referringAccuracy(predictions, truths, 0.71).accuracy).toBe(0);
    expect(() => referringAccuracy([], truths)).toThrow(/0 predictions for 4/);
    expect(() => referringAccuracy([], [])).toThrow(/one each/);
  });
});

describe('evaluateZeroShot', () => {
  const plain = (colour: number[]) => rgbImage(1, 1, Uint8Array.from(colour));
  // Red, a green with more red in it, and a red that is labelled blue.
  const images = [plain([255, 0, 0]), plain([100, 255, 0]), plain([255, 10, 0])];

  it('counts images whose class comes first, beside chance', async () => {
    const result = await evaluateZeroShot(fakeEncoder(), images, [0, 1, 2], ['red', 'green', 'blue']);
    expect(result).toEqual({
      images: 3,
      classes: 3,
      asTyped: [],
      top1: 2 / 3,
      top5: 1,
      chance: { top1: 1 / 3, top5: 1 },
      perClass: [
        { name: 'red', images: 1, top1: 1 },
        { name: 'green', images: 1, top1: 1 },
        { name: 'blue', images: 1, top1: 0 },
      ],
    });
  });

  it('asks with every template of every class', async () => {
    const asked: string[] = [];
    const encoder: Encoder = fakeEncoder();
    const embedTexts = (texts: readonly string[]) => {
      asked.push(...texts);
      return encoder.embedTexts(texts);
    };
    const templates = ['{}', 'a {} thing'];
    await evaluateZeroShot({ ...encoder, embedTexts }, images, [0, 1, 1], ['red', 'green'], { templates });
    expect(asked).toEqual(['red', 'a red thing', 'green', 'a green thing']);
    asked.length = 0;
    const names = ['Red!', 'Green'];
    await evaluateZeroShot({ ...encoder, embedTexts }, images, [0, 1, 1], names, { templates: ['{}'] });
    const canonical = false;
    await evaluateZeroShot({ ...encoder, embedTexts }, images, [0, 1, 1], names, {
      templates: ['{}'],
      canonical,
    });
    expect(asked).toEqual(['red', 'green', 'Red!', 'Green']);
  });

  it('tells classes apart whose names differ in punctuation alone, and says so', async () => {
    // Without their marks all three would be "c": the first two could never win.
    const names = ['C++', 'C#', 'C'];
    const angles: Record<string, number> = { 'C++': 0, 'C#': 1, C: 2 };
    const unit = (i: number) => [0, 1, 2].map((k) => Number(k === i));
    const encoder = {
      width: 3,
      embedImages: async () => float32([3, 3], [0, 1, 2].flatMap(unit)),
      embedTexts: async (texts: readonly string[]) =>
        float32(
          [texts.length, 3],
          texts.flatMap((text) => unit(angles[text] ?? 2)),
        ),
    };
    const result = await evaluateZeroShot(encoder, images, [0, 1, 2], names, { templates: ['{}'] });
    expect(result).toMatchObject({ top1: 1, asTyped: names });
  });

  it('counts equal names as one class', async () => {
    const result = await evaluateZeroShot(fakeEncoder(), images, [0, 1, 2], ['red', 'green', 'Red']);
    expect(result).toMatchObject({
      top1: 1,
      chance: { top1: expect.closeTo((2 / 3 + 1 / 3 + 2 / 3) / 3, 12) },
    });
  });

  it('refuses to evaluate nothing', async () => {
    await expect(evaluateZeroShot(fakeEncoder(), [], [], ['red'])).rejects.toThrow(/no images to classify/);
  });

  it('refuses labels that do not fit', async () => {
    await expect(evaluateZeroShot(fakeEncoder(), images, [0], ['red'])).rejects.toThrow(/1 labels for 3/);
    await expect(evaluateZeroShot(fakeEncoder(), images, [0, 1, 0], ['red'])).rejects.toThrow(
      /label 1 is not/,
    );
  });
});
