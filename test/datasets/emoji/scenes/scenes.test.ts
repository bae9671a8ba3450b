import { beforeAll, describe, expect, it } from 'vitest';
import type { EmojiDataset } from '../../../../datasets/emoji/dataset.ts';
import { resizeRgba } from '../../../../datasets/emoji/drawings/render.ts';
import { contactSheet } from '../../../../datasets/emoji/scenes/contactSheet.ts';
import { createScenes, type SceneOptions } from '../../../../datasets/emoji/scenes/generator.ts';
import { resizeDrawing } from '../../../../datasets/emoji/scenes/resizeDrawing.ts';
import { instanceMask, pixelLabels, type Scene } from '../../../../datasets/emoji/scenes/scene.ts';
import { stretchScene } from '../../../../datasets/emoji/scenes/stretch.ts';
import { type SceneSplit, sceneVocabulary } from '../../../../datasets/emoji/scenes/vocabulary.ts';
import { canonicalText } from '../../../../datasets/emoji/texts/annotations.ts';
import { decodeImage } from '../../../../src/input/image/decode/decodeImage.ts';
import { composite } from '../../../../src/input/image/rgbaImage.ts';
import { smallDataset } from './fixture.ts';

let dataset: EmojiDataset;
beforeAll(async () => {
  dataset = await smallDataset();
}, 60_000);

const scenesOf = (split: SceneSplit = {}, options: Partial<SceneOptions> = {}) =>
  createScenes(dataset, {
    seed: 5,
    vocabulary: sceneVocabulary(dataset, { split }),
    canvas: { width: 64, height: 48 },
    ...options,
  });

const some = (scenes: { sceneAt(index: number): Scene }, count = 60) =>
  Array.from({ length: count }, (_, i) => scenes.sceneAt(i));

/** Rows and columns of a mask's ones, by looking at each pixel. */
function bruteBox(mask: Uint8Array, width: number) {
  const at = [...mask.keys()].filter((i) => mask[i]);
  const [rows, columns] = [at.map((i) => Math.floor(i / width)), at.map((i) => i % width)];
  return {
    y1: Math.min(...rows),
    x1: Math.min(...columns),
    y2: Math.max(...rows) + 1,
    x2: Math.max(...columns) + 1,
  };
}

describe('scenes', () => {
  it('are a pure function of seed, split and index', () => {
    const [a, b] = [scenesOf(), scenesOf()];
    const later = a.sceneAt(7);
    a.sceneAt(3);
    expect(b.sceneAt(7)).toEqual(later);
    expect(a.sceneAt(7)).toEqual(later);
    expect(a.sceneAt(8).image.data).not.toEqual(later.image.data);
    expect(scenesOf({}, { seed: 6 }).sceneAt(7).image.data).not.toEqual(later.image.data);
    expect(() => a.sceneAt(-1)).toThrow(/scene index is -1/);
  });

  it('have boxes, areas and masks that agree', () => {
    for (const scene of some(scenesOf())) {
      const { width, height } = scene.image;
      expect([scene.instances.length, scene.image.data.length]).toEqual([width * height, width * height * 3]);
      scene.objects.forEach((object, i) => {
        const mask = instanceMask(scene, i);
        expect(object.area).toBe(mask.reduce((sum, bit) => sum + bit, 0));
        expect(object.box).toEqual(bruteBox(mask, width));
        expect(object.normalisedBox.y2 * height).toBeCloseTo(object.box.y2, 9);
        expect(object.normalisedBox.x1 * width).toBeCloseTo(object.box.x1, 9);
        expect(object.depth).toBe(scene.objects.length - 1 - i);
      });
      expect(Math.max(...scene.instances)).toBe(scene.objects.length);
    }
  });

  it('hide no more of a drawing than allowed, and do overlap', () => {
    const shares = some(scenesOf({}, { objects: [5, 5], maxOverlap: 0.25 })).flatMap(({ objects }) =>
      objects.map(({ visibleShare }) => visibleShare),
    );
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.75);
    expect(Math.min(...shares)).toBeLessThan(0.9);
    for (const { objects } of some(scenesOf({}, { objects: [5, 5], maxOverlap: 0 }))) {
      expect(objects.every(({ visibleShare }) => visibleShare === 1)).toBe(true);
    }
  });

  it('put smaller drawings behind larger ones', () => {
    for (const { objects } of some(scenesOf())) {
      const distances = objects.map(({ distance }) => distance);
      expect(distances).toEqual(distances.toSorted((a, b) => b - a));
      expect(distances.every((distance) => distance > 0 && distance <= 1)).toBe(true);
    }
  });

  it('show drawings as they are, at the place the mask says', () => {
    // One drawing at its own size on one colour: it must be the picture itself, laid over that colour.
    const scenes = scenesOf(
      {},
      {
        canvas: { width: 40, height: 40 },
        objects: [1, 1],
        objectSize: [0.8, 0.8],
        backgrounds: ['flat'],
      },
    );
    for (const { image, objects, instances } of some(scenes, 20)) {
      const [object] = objects;
      const rgba = dataset.picture(object!.style, object!.concept);
      const top = rgba.findIndex((value, i) => i % 4 === 3 && value >= 128) >> 7;
      const y = object!.box.y1 - top;
      const outside = instances.indexOf(0) * 3;
      const [r, g, b] = image.data.subarray(outside, outside + 3);
      const expected = composite(rgba, [r!, g!, b!]);
      const columns = Array.from({ length: 32 }, (_, x) =>
        Array.from({ length: 32 }, (_, row) => rgba[(row * 32 + x) * 4 + 3]! >= 128).some(Boolean),
      );
      const x = object!.box.x1 - columns.indexOf(true);
      const shown = Array.from({ length: 32 }, (_, row) => [
        ...image.data.subarray(((y + row) * 40 + x) * 3, ((y + row) * 40 + x + 32) * 3),
      ]).flat();
      // Straight and premultiplied arithmetic may round apart by one.
      expect(Math.max(...shown.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThanOrEqual(1);
    }
  });

  it('have every background', () => {
    const kinds = new Set(some(scenesOf()).map(({ background }) => background));
    expect([...kinds].sort()).toEqual(['flat', 'gradient', 'noise', 'shapes']);
  });

  it('can have any aspect ratio', () => {
    const scenes = some(scenesOf({}, { canvas: { pixels: 4096, aspect: [1 / 8, 8] } }), 80);
    const aspects = scenes.map(({ image }) => image.width / image.height);
    expect(Math.min(...aspects)).toBeLessThan(1 / 4);
    expect(Math.max(...aspects)).toBeGreaterThan(4);
    for (const { image, objects } of scenes) {
      expect(image.width * image.height).toBeGreaterThan(3700);
      expect(objects.length).toBeGreaterThan(0);
    }
  });

  it('repeat a concept where asked, and otherwise show different families', () => {
    const twins = some(scenesOf({}, { repeatProbability: 1, objects: [2, 2], maxOverlap: 0.9 }));
    expect(twins.every(({ objects: [a, b] }) => b === undefined || a!.concept === b.concept)).toBe(true);
    for (const { objects } of some(scenesOf({}, { repeatProbability: 0 }))) {
      const families = objects.map(({ concept }) => dataset.concepts[concept]!.family);
      expect(new Set(families).size).toBe(families.length);
    }
  });

  it('refuse options out of range by name', () => {
    expect(() => scenesOf({}, { canvas: { width: 4, height: 64 } })).toThrow(/canvas gives scenes of 4×64/);
    expect(() => scenesOf({}, { canvas: { pixels: 100, aspect: [0.1, 1] } })).toThrow(/canvas/);
    expect(() => scenesOf({}, { objects: [3, 2] })).toThrow(/objects is 3 … 2/);
    expect(() => scenesOf({}, { objectSize: [0.2, 1.2] })).toThrow(/objectSize/);
    expect(() => scenesOf({}, { maxOverlap: 1 })).toThrow(/maxOverlap/);
    expect(() => scenesOf({}, { backgrounds: [] })).toThrow(/backgrounds/);
  });
});

describe('splits', () => {
  const combinations = (['train', 'heldOut'] as const).flatMap((concepts) =>
    (['train', 'heldOut'] as const).flatMap((styles) =>
      (['train', 'heldOut'] as const).map((locales) => ({ concepts, styles, locales })),
    ),
  );

  it.each(combinations)('show and say only what they hold: %o', (split) => {
    const scenes = scenesOf(split);
    const { locales, name } = scenes.vocabulary;
    expect(locales).toEqual(split.locales === 'train' ? ['en', 'fr', 'ja'] : ['de', 'ka']);
    for (const { objects } of some(scenes)) {
      for (const { concept, style } of objects) {
        const { split: conceptSplit, subgroup, skinTone } = dataset.concepts[concept]!;
        expect(conceptSplit).toBe(split.concepts);
        expect(skinTone).toBe(false);
        expect(style === 'noto').toBe(split.styles === 'heldOut');
        // Fluent's flags are Noto's.
        if (subgroup === 'country-flag') expect(style).not.toBe('fluent');
        expect(locales.some((locale) => name(locale, concept) !== undefined)).toBe(true);
      }
    }
  });

  it('say in training no name that a held-out concept has', () => {
    const { concepts, locales, name } = sceneVocabulary(dataset);
    const heldOut = new Set(
      dataset.locales.flatMap(({ id }) =>
        dataset.concepts
          .filter(({ split }) => split === 'heldOut')
          .map(({ index }) => canonicalText(dataset.names(id)[index] ?? '')),
      ),
    );
    for (const { index } of dataset.concepts.filter(({ split }) => split === 'heldOut')) {
      expect(locales.map((locale) => name(locale, index))).toEqual([undefined, undefined, undefined]);
    }
    for (const { index } of concepts) {
      for (const locale of locales)
        expect(heldOut.has(canonicalText(name(locale, index) ?? '-'))).toBe(false);
    }
    expect(name('de', concepts[0]!.index)).toBeUndefined();
  });

  it('take skin tones when asked, and refuse a locale of the other split', () => {
    const toned = sceneVocabulary(dataset, { skinTones: true, split: { concepts: 'train' } });
    const plain = sceneVocabulary(dataset, { split: { concepts: 'train' } });
    const held = sceneVocabulary(dataset, { skinTones: true, split: { concepts: 'heldOut' } });
    expect([...toned.concepts, ...held.concepts].filter(({ skinTone }) => skinTone).length).toBe(1);
    expect(plain.concepts.some(({ skinTone }) => skinTone)).toBe(false);
    expect(() => sceneVocabulary(dataset, { locales: ['de'] })).toThrow(/'de', which is not among/);
  });
});

describe('resizeDrawing', () => {
  it.each([11, 32, 50])('equals the Pillow-exact resize to side %i but for its roundings', (side) => {
    const rgba = dataset.picture('twemoji', 0);
    const { data } = resizeDrawing(rgba, 32, side);
    const exact = resizeRgba({ width: 32, height: 32, data: rgba }, side);
    for (let i = 0; i < side * side; i++) {
      const alpha = exact[i * 4 + 3]!;
      expect(Math.abs(data[i * 4 + 3]! - alpha)).toBeLessThan(1.01);
      // Pillow rounds the premultiplied byte twice, alpha twice and truncates once.
      for (let c = 0; c < 3; c++) {
        expect(Math.abs(data[i * 4 + c]! - (exact[i * 4 + c]! * alpha) / 255)).toBeLessThan(3);
      }
    }
  });
});

describe('stretchScene', () => {
  it('moves pixels, masks and boxes alike', () => {
    const scene = scenesOf().sceneAt(1);
    const double = stretchScene(scene, { width: 128, height: 48 });
    expect([double.image.width, double.image.height]).toEqual([128, 48]);
    double.objects.forEach((object, i) => {
      // Twice as wide: every pixel becomes two, so the mask's box is exact.
      expect(object.box).toEqual(bruteBox(instanceMask(double, i), 128));
      expect(object.area).toBe(instanceMask(double, i).reduce((sum, bit) => sum + bit, 0));
      expect(object.normalisedBox).toEqual(scene.objects[i]!.normalisedBox);
    });
    const narrow = stretchScene(scene, { width: 13, height: 100 });
    narrow.objects.forEach(({ box }, i) => {
      const brute = bruteBox(instanceMask(narrow, i), 13);
      for (const side of ['y1', 'x1', 'y2', 'x2'] as const) {
        expect(Math.abs(box[side] - brute[side])).toBeLessThan(side.startsWith('y') ? 1.1 : 1);
      }
    });
  });
});

describe('pixelLabels and contactSheet', () => {
  it('label each pixel with its object', () => {
    const scene = scenesOf().sceneAt(2);
    const labels = pixelLabels(scene, ({ concept }) => concept, -1);
    scene.instances.forEach((instance, i) => {
      expect(labels[i]).toBe(instance === 0 ? -1 : scene.objects[instance - 1]!.concept);
    });
  });

  it('draw a sheet of the right size with the boxes in it', async () => {
    const scenes = some(scenesOf(), 3);
    const sheet = await contactSheet(scenes, { columns: 2, captions: ['<a> & "b"'], scale: 2, masks: false });
    const image = await decodeImage(new Uint8Array(sheet));
    expect([image.width, image.height]).toEqual([8 + 2 * 136, 8 + 2 * (96 + 22 + 8)]);
    const { y1, x1 } = scenes[0]!.objects[0]!.box;
    const at = ((8 + y1 * 2 + 6) * image.width + 8 + x1 * 2) * 3;
    // The frame's colour; a box on the scene's edge has half its line cut off.
    expect([...image.data.subarray(at, at + 3)]).toEqual([230, 25, 75]);
    await expect(contactSheet([])).rejects.toThrow(/at least one/);
  });
});
