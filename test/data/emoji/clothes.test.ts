import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recolourClothes, sameInAllTones, turnHues } from '../../../src/data/emoji/clothes.ts';
import { buildEmojiDataset, type EmojiDataset } from '../../../src/data/emoji/dataset.ts';
import { createRandom } from '../../../src/tensor/random.ts';

describe('what skin tones have alike', () => {
  it('are the pixels that no tone changes by much, in colour or in opacity', () => {
    const light = Uint8Array.of(250, 220, 200, 255, 10, 20, 30, 255, 90, 90, 90, 255, 90, 90, 90, 255);
    const dark = Uint8Array.of(80, 60, 50, 255, 10, 20, 30, 255, 100, 110, 120, 255, 90, 90, 90, 0);
    expect([...sameInAllTones([light, dark])]).toEqual([0, 1, 1, 0]);
  });
});

describe('turning hues', () => {
  const pixel = (...rgba: number[]) => Uint8Array.from(rgba);
  const turn = (rgba: Uint8Array, angle: number) => [...turnHues(rgba, Uint8Array.of(1), angle)];

  it('by a third of the circle exchanges the channels', () => {
    expect(turn(pixel(200, 100, 50, 255), (2 * Math.PI) / 3)).toEqual([50, 200, 100, 255]);
    expect(turn(pixel(200, 100, 50, 9), (-2 * Math.PI) / 3)).toEqual([100, 50, 200, 9]);
  });

  it('leaves greys, what the mask leaves out, and the picture it was given', () => {
    expect(turn(pixel(77, 77, 77, 255), 1)).toEqual([77, 77, 77, 255]);
    const red = pixel(255, 0, 0, 255);
    expect([...turnHues(red, Uint8Array.of(0), 1)]).toEqual([255, 0, 0, 255]);
    expect(turn(red, Math.PI)).toEqual([0, 170, 170, 255]);
    expect([...red]).toEqual([255, 0, 0, 255]);
  });
});

describe('recolouring the drawings of emoji', () => {
  const SIZE = 32;
  // A firefighter in two tones and without, a red-haired one in two tones, an apple.
  const firefighter = ['1f468-1f3fb-200d-1f692', '1f468-1f3ff-200d-1f692', '1f468-200d-1f692'];
  const redHaired = ['1f468-1f3fb-200d-1f9b0', '1f468-1f3ff-200d-1f9b0'];
  let folder: string;
  let dataset: EmojiDataset;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'siglip2-clothes-'));
    dataset = await buildEmojiDataset({
      seed: 0,
      size: SIZE,
      cacheDir: folder,
      only: [...firefighter, ...redHaired, '1f34e'],
      minimumNames: 1,
      locales: ['en', 'de', 'fr'],
      heldOut: { locales: ['fr'] },
    });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The share of opaque pixels that recolouring changes. */
  function changed(id: string): number {
    const { index } = dataset.concepts.find((concept) => concept.id === id)!;
    const before = dataset.picture('twemoji', index);
    const after = recolourClothes(dataset)('twemoji', index, createRandom(0));
    let [opaque, different] = [0, 0];
    for (let i = 0; i < before.length; i += 4) {
      if (before[i + 3] !== 255) continue;
      opaque++;
      if ([0, 1, 2].some((c) => before[i + c] !== after[i + c])) different++;
    }
    return different / opaque;
  }

  it("changes a person's clothes, in every tone and without one, and not the face", () => {
    for (const id of firefighter) {
      expect(changed(id)).toBeGreaterThan(0.3);
      expect(changed(id)).toBeLessThan(0.8);
    }
  });

  it('leaves hair whose colour is in the name, and what has no skin', () => {
    for (const id of [...redHaired, '1f34e']) expect(changed(id)).toBe(0);
  });
});
