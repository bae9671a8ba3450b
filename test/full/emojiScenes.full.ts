import { beforeAll, describe, expect, it } from 'vitest';
import type { EmojiDataset } from '../../datasets/emoji/dataset.ts';
import { evaluateSceneCrops } from '../../datasets/emoji/evaluators/scenes/crops.ts';
import { evaluateSceneDense, groupClasses } from '../../datasets/emoji/evaluators/scenes/dense.ts';
import { groundingProbe, hottestBox } from '../../datasets/emoji/evaluators/scenes/groundingProbe.ts';
import { sceneMeasures } from '../../datasets/emoji/evaluators/scenes/measures.ts';
import { evaluateSceneReferring, type Locate } from '../../datasets/emoji/evaluators/scenes/referring.ts';
import { createScenes, type Scenes } from '../../datasets/emoji/scenes/generator.ts';
import { sceneVocabulary } from '../../datasets/emoji/scenes/vocabulary.ts';
import type { ImageFeatures } from '../../src/encoder/towers/features.ts';
import type { Evaluation } from '../../src/evaluate/evaluator.ts';
import type { ImageSource } from '../../src/input/image/imageSource.ts';
import type { RgbImage } from '../../src/input/image/rgbImage.ts';
import { float32 } from '../../src/tensor/index.ts';
import { smallDataset } from '../datasets/emoji/scenes/fixture.ts';
import { fakeEncoder } from '../server/fakeEncoder.ts';

let dataset: EmojiDataset;
let scenes: Scenes;
beforeAll(async () => {
  dataset = await smallDataset();
  scenes = createScenes(dataset, {
    seed: 9,
    vocabulary: sceneVocabulary(dataset),
    canvas: { width: 32, height: 24 },
    repeatProbability: 0.5,
  });
}, 60_000);

const keyOf = (image: RgbImage) => Buffer.from(image.data).toString('base64');

describe('evaluateSceneReferring', () => {
  const options = { scenes: 30, locales: ['en', 'ja'] };

  /** Finds the object whose name ends the expression; of two, the one that the first word means. */
  const oracle: Locate = async (questions) => {
    const known = new Map(
      Array.from({ length: 30 }, (_, i) => scenes.sceneAt(i)).map((one) => [keyOf(one.image), one]),
    );
    return questions.map(({ image, text }) => {
      const { objects } = known.get(keyOf(image))!;
      const [, word, name] = /^the (left|right|top|bottom|larger|smaller) (.*)$/.exec(text) ?? [];
      const named = objects
        .filter(({ concept }) =>
          ['en', 'ja'].some((locale) => scenes.vocabulary.name(locale, concept) === (name ?? text)),
        )
        .map(({ normalisedBox }) => normalisedBox);
      const order = {
        left: named.toSorted((a, b) => a.x1 + a.x2 - b.x1 - b.x2),
        top: named.toSorted((a, b) => a.y1 + a.y2 - b.y1 - b.y2),
        smaller: named.toSorted((a, b) => (a.x2 - a.x1) * (a.y2 - a.y1) - (b.x2 - b.x1) * (b.y2 - b.y1)),
      };
      if (word === undefined) return named[0];
      if (word === 'left' || word === 'top' || word === 'smaller') return order[word][0];
      return order[word === 'right' ? 'left' : word === 'bottom' ? 'top' : 'smaller'][1];
    });
  };

  it('gives a model that understands everything full marks', async () => {
    const { all, byLocale, byKind } = await evaluateSceneReferring(oracle, scenes, options);
    expect([all.accuracy, all.meanIoU]).toEqual([1, 1]);
    expect(byLocale.map(({ locale }) => locale).sort()).toEqual(['en', 'ja']);
    expect(byKind.map(({ kind }) => kind).sort()).toEqual(['name', 'position', 'size']);
    expect(byLocale.reduce((sum, { result }) => sum + result.expressions, 0)).toBe(all.expressions);
    expect(byKind.reduce((sum, { result }) => sum + result.expressions, 0)).toBe(all.expressions);
    expect(all.chance.anyObject).toBeLessThan(0.8);
    expect(all.chance.otherBox).toBeLessThan(0.3);
  });

  it('gives one that answers nothing none, and refuses to ask nothing', async () => {
    const silent: Locate = async (questions) => questions.map(() => undefined);
    expect((await evaluateSceneReferring(silent, scenes, options)).all.accuracy).toBe(0);
    await expect(evaluateSceneReferring(silent, scenes, { scenes: 0 })).rejects.toThrow(
      /no referring expression/,
    );
  });
});

describe('groundingProbe', () => {
  /** One patch per pixel, with a direction for each thing; texts have others, by the thing that they name. */
  function stub(readable: boolean) {
    const known = new Map(
      Array.from({ length: 80 }, (_, i) => scenes.sceneAt(i)).map((one) => [keyOf(one.image), one]),
    );
    const things = scenes.vocabulary.concepts.map(({ index }) => index);
    const oneHot = (index: number) => things.map((_, i) => (i === index ? 1 : 0));
    return {
      imageFeatures: async (images: readonly ImageSource[]): Promise<ImageFeatures[]> =>
        (images as RgbImage[]).map((image) => {
          const { objects, instances } = known.get(keyOf(image))!;
          const tokens = Array.from(instances, (instance) =>
            oneHot(readable && instance > 0 ? things.indexOf(objects[instance - 1]!.concept) : -1),
          ).flat();
          const { height: rows, width: columns } = image;
          return {
            rows,
            columns,
            patchHeight: 1 / rows,
            patchWidth: 1 / columns,
            tokens: float32([rows * columns, things.length], tokens),
            pooled: float32([things.length], new Float32Array(things.length)),
          };
        }),
      embedTexts: async (texts: readonly string[]) => {
        const named = (text: string) =>
          things.findIndex((index) =>
            scenes.vocabulary.locales.some((locale) => scenes.vocabulary.name(locale, index) === text),
          );
        return float32(
          [texts.length, things.length],
          texts.flatMap((text) => oneHot((named(text) + 1) % things.length)),
        );
      },
    };
  }
  const ask = async (readable: boolean) => {
    const locate = await groundingProbe(stub(readable), scenes, { scenes: 50, regularisation: 1 });
    const { byKind } = await evaluateSceneReferring(locate, scenes, { firstScene: 50, scenes: 30 });
    return byKind.find(({ kind }) => kind === 'name')!.result;
  };

  it('finds what features and texts tell', async () => {
    // A thing that another one cuts in two has one part found.
    expect((await ask(true)).accuracy).toBeGreaterThan(0.85);
  });

  it('finds nothing where features tell nothing', async () => {
    const { accuracy, chance } = await ask(false);
    expect(accuracy).toBeLessThan(chance.anyObject!);
  });

  it('answers with the part that hangs together with the hottest pixel', () => {
    const heat = [0, 0, 9, 4, 0, 5, 8, 0, 0, 0, 0, 0, 6, 0, 0, 0];
    expect(hottestBox(heat, 4, 4)).toEqual({ y1: 0, x1: 0.25, y2: 0.5, x2: 0.75 });
    expect(hottestBox([0, -1, 0, 0], 2, 2)).toBeUndefined();
  });
});

describe('evaluateSceneCrops', () => {
  /** The true names of all objects, in the order in which they are cut out. */
  const truth = () =>
    Array.from({ length: 12 }, (_, i) => scenes.sceneAt(i).objects)
      .flat()
      .map(({ concept }) => scenes.vocabulary.name('en', concept)!);

  /** Knows each text by a direction of its own; sees in the i-th picture what `seen` says. */
  function stub(seen: (index: number) => string, pictures: RgbImage[] = []) {
    const names = scenes.vocabulary.concepts.map(({ index }) => scenes.vocabulary.name('en', index)!);
    const oneHot = (name: string) => names.map((other) => (other === name ? 1 : 0));
    return {
      width: names.length,
      embedTexts: async (texts: readonly string[]) =>
        float32([texts.length, names.length], texts.flatMap(oneHot)),
      embedImages: async (images: readonly ImageSource[]) => {
        pictures.push(...(images as RgbImage[]));
        return float32(
          [images.length, names.length],
          images.flatMap((_, i) => oneHot(seen(i))),
        );
      },
    };
  }

  it('asks for every object by its true name, among all names', async () => {
    const names = truth();
    const pictures: RgbImage[] = [];
    const right = await evaluateSceneCrops(
      stub((i) => names[i]!, pictures),
      scenes,
      { scenes: 12, locale: 'en' },
    );
    expect(right).toMatchObject({
      images: names.length,
      top1: 1,
      classes: scenes.vocabulary.concepts.length,
    });
    const wrong = await evaluateSceneCrops(
      stub((i) => names[(i + 1) % names.length]!),
      scenes,
      {
        scenes: 12,
        locale: 'en',
      },
    );
    expect(wrong.top1).toBeLessThan(0.5);
    // A crop is the square around the box as far as the scene reaches.
    const { image, objects } = scenes.sceneAt(0);
    const { y1, x1, y2, x2 } = objects[0]!.box;
    const side = Math.max(y2 - y1, x2 - x1);
    const [first] = pictures;
    expect(first!.width).toBeLessThanOrEqual(side);
    expect(first!.width).toBeGreaterThanOrEqual(x2 - x1);
    expect(first!.height).toBeGreaterThanOrEqual(y2 - y1);
    const row = Buffer.from(first!.data.subarray(0, first!.width * 3));
    expect(Buffer.from(image.data).includes(row)).toBe(true);
    await expect(
      evaluateSceneCrops(
        stub(() => ''),
        scenes,
        { locale: 'de' },
      ),
    ).rejects.toThrow(/no names in 'de'/);
  });
});

describe('evaluateSceneDense', () => {
  // Small ones: each pixel is a patch of the probe.
  let tiny: Scenes;
  beforeAll(() => {
    tiny = createScenes(dataset, {
      seed: 9,
      vocabulary: sceneVocabulary(dataset),
      canvas: { width: 16, height: 12 },
    });
  });

  /** One patch per pixel that says the class and the distance there; or, blind, nothing. */
  function stub(readable: boolean) {
    const known = new Map(
      Array.from({ length: 40 }, (_, i) => tiny.sceneAt(i)).map((one) => [keyOf(one.image), one]),
    );
    const { names, classOf } = groupClasses(dataset);
    return {
      imageFeatures: async (images: readonly ImageSource[]): Promise<ImageFeatures[]> =>
        (images as RgbImage[]).map((image) => {
          const { instances, objects } = known.get(keyOf(image))!;
          const tokens = [...instances].flatMap((instance, i) => {
            const object = readable ? objects[instance - 1] : undefined;
            const label = object ? classOf(object.concept) : 0;
            return [...names.map((_, c) => (c === label ? 1 : 0)), object?.distance ?? 1, (i % 7) / 7];
          });
          return {
            rows: image.height,
            columns: image.width,
            patchHeight: 1 / image.height,
            patchWidth: 1 / image.width,
            tokens: float32([instances.length, names.length + 2], tokens),
            pooled: float32([1], [0.5]),
          };
        }),
    };
  }
  const options = { trainScenes: 8, testScenes: 5, regularisation: 1e-3 };

  it('scores features that tell everything full marks, and others by chance', async () => {
    const [seen] = await evaluateSceneDense(stub(true), dataset, tiny, { seen: tiny }, options);
    expect(seen).toMatchObject({ set: 'seen', segmentation: { images: 5 }, depth: { order: 1 } });
    expect(seen!.segmentation.meanIoU).toBeCloseTo(1, 6);
    expect(seen!.depth.rmse).toBeLessThan(0.01);
    expect(seen!.segmentation.chance.meanIoU).toBeLessThan(0.5);
    const [blind] = await evaluateSceneDense(stub(false), dataset, tiny, { blind: tiny }, options);
    expect(blind!.segmentation.meanIoU).toBeCloseTo(blind!.segmentation.chance.meanIoU, 6);
    expect(blind!.depth.rmse).toBeGreaterThan(0.9 * blind!.depth.chance.rmse);
  });

  it('classes are the background and the groups', () => {
    const { names, classOf } = groupClasses(dataset);
    expect(names[0]).toBe('background');
    for (const { index, group } of dataset.concepts) expect(names[classOf(index)]).toBe(group);
  });
});

describe('sceneMeasures', () => {
  it('asks all of it, as the parts do alone, and says where it is', async () => {
    const parts: string[] = [];
    const onProgress = (_done: number, _total: number, part: string) => parts.push(part);
    const found: Evaluation[] = [];
    const options = { scenes: 6, probeScenes: 5, onProgress };
    for await (const one of sceneMeasures(fakeEncoder(), dataset, scenes, options)) found.push(one);
    expect(parts).toEqual(['retrieval', 'crops', 'dense', 'referring']);
    expect(found.map(({ metric }) => metric)).toEqual([
      ...['textToImage@1', 'textToImage@5', 'textToImage@10'],
      ...['imageToText@1', 'imageToText@5', 'imageToText@10'],
      ...['crops', 'meanIoU', 'depthRmse', 'referring@0.5'],
    ]);
    const { top1, images } = await evaluateSceneCrops(fakeEncoder(), scenes, { scenes: 6, locale: 'en' });
    expect(found.find(({ metric }) => metric === 'crops')).toMatchObject({ value: top1, count: images });
    for (const { value, chance, count } of found) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(chance).toBeGreaterThanOrEqual(0);
      expect(count).toBeGreaterThan(0);
    }
  });
});
