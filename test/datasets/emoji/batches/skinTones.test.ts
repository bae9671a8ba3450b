import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawItems } from '../../../../datasets/emoji/batches/drawingBatches.ts';
import { skinPalettes, toneAt, toneShift } from '../../../../datasets/emoji/batches/skinTones.ts';
import { buildEmojiDataset } from '../../../../datasets/emoji/buildDataset.ts';
import type { EmojiDataset } from '../../../../datasets/emoji/dataset.ts';
import { UNCHANGED } from '../../../../datasets/emoji/drawings/augmentation.ts';
import { createRandom } from '../../../../src/tensor/random.ts';

const TONES = ['1f3fb', '1f3fc', '1f3fd', '1f3fe', '1f3ff'];
const SIZE = 32;
const CENTRE = ((SIZE / 2) * SIZE + SIZE / 2) * 4;

describe('toneAt', () => {
  const palette = [220, 200, 160, 120, 60];

  it('finds each tone, what lies between two, and stops at the ends', () => {
    expect(palette.map((luminance) => toneAt(palette, luminance))).toEqual([0, 1, 2, 3, 4]);
    expect(toneAt(palette, 180)).toBe(1.5);
    expect(toneAt(palette, 75)).toBe(3.75);
    expect(toneAt(palette, 255)).toBe(0);
    expect(toneAt(palette, 0)).toBe(4);
  });
});

describe('skin tones of the drawings', () => {
  let folder: string;
  let dataset: EmojiDataset;
  const conceptOf = (id: string): number => dataset.concepts.find((concept) => concept.id === id)!.index;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'siglip2-tones-'));
    const raisedHand = TONES.map((tone) => `270b-${tone}`);
    // Of a wave only two tones: nothing to shift between.
    const only = ['270b', ...raisedHand, '1f44b-1f3fb', '1f44b-1f3ff', '1f34e'];
    dataset = await buildEmojiDataset({
      seed: 0,
      size: SIZE,
      cacheDir: folder,
      only,
      minimumNames: 1,
      locales: ['en', 'de', 'fr'],
      heldOut: { locales: ['fr'], conceptFraction: 0 },
    });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('palettes descend, and vendors differ by more than half a step', () => {
    const palettes = skinPalettes(dataset);
    expect([...palettes.keys()]).toEqual(dataset.trainStyles);
    for (const palette of palettes.values()) {
      expect(palette).toEqual([...palette].sort((a, b) => b - a));
    }
    const [fluent, twemoji] = [palettes.get('fluent')!, palettes.get('twemoji')!];
    expect(toneAt(twemoji, fluent[2]!)).toBeGreaterThan(2.5);
  });

  it('shifts within the way to another vendor, every time otherwise', () => {
    const palettes = skinPalettes(dataset);
    const shift = toneShift(dataset);
    const medium = conceptOf('270b-1f3fd');
    const own = palettes.get('twemoji')!;
    const reach = ['openmoji', 'fluent'].map((style) => toneAt(own, palettes.get(style as 'fluent')![2]!));
    const shifted = Array.from({ length: 20 }, (_, k) => {
      const rgba = shift(createRandom(k), 'twemoji', medium);
      return toneAt(own, 0.299 * rgba[CENTRE]! + 0.587 * rgba[CENTRE + 1]! + 0.114 * rgba[CENTRE + 2]!);
    });
    // Both others are darker than Twemoji's medium. Colours are whole levels, of which a tone here has 40.
    for (const tone of shifted) {
      expect(tone).toBeGreaterThan(2 - 0.05);
      expect(tone).toBeLessThan(Math.max(...reach) + 0.05);
    }
    expect(Math.max(...shifted)).toBeGreaterThan(2.4);
    expect(new Set(shifted).size).toBeGreaterThan(10);
    expect(shift(createRandom(1), 'twemoji', medium)).toEqual(shift(createRandom(1), 'twemoji', medium));
  });

  it('leaves what has no tone, or not all five, as it is', () => {
    const shift = toneShift(dataset);
    for (const id of ['1f34e', '270b', '1f44b-1f3fb']) {
      const concept = conceptOf(id);
      expect(shift(createRandom(3), 'openmoji', concept)).toEqual(dataset.picture('openmoji', concept));
    }
  });

  it('is drawn by chance when drawings are', () => {
    const items = [{ concept: conceptOf('270b-1f3fd'), style: 'twemoji' as const }];
    const draw = (tone: number, shift = true) =>
      drawItems(
        dataset,
        items,
        { ...UNCHANGED, tone },
        () => createRandom(4),
        shift ? toneShift(dataset) : undefined,
      ).data;
    expect(draw(1)).not.toEqual(draw(0));
    expect(draw(0)).toEqual(draw(1, false));
  });
});
