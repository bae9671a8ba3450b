import { beforeAll, describe, expect, it } from 'vitest';
import type { EmojiDataset } from '../../../../datasets/emoji/dataset.ts';
import { type SceneBatchOptions, sceneBatches } from '../../../../datasets/emoji/scenes/batches.ts';
import { drawCaptions, sceneCaption } from '../../../../datasets/emoji/scenes/captions.ts';
import { createScenes } from '../../../../datasets/emoji/scenes/generator.ts';
import { referringExpressions } from '../../../../datasets/emoji/scenes/referring.ts';
import type { Scene, SceneObject } from '../../../../datasets/emoji/scenes/scene.ts';
import { sceneVocabulary } from '../../../../datasets/emoji/scenes/vocabulary.ts';
import { fixedPreprocessing, naflexPreprocessing } from '../../../../src/input/image/preprocessing.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { smallDataset } from './fixture.ts';

let dataset: EmojiDataset;
beforeAll(async () => {
  dataset = await smallDataset();
}, 60_000);

const indexOf = (emoji: string) => dataset.concepts.findIndex((concept) => concept.emoji === emoji);

/** A scene of 100 × 100 that only its labels matter of: concept and box (y1, x1, y2, x2) of each object. */
function sceneWith(...objects: [emoji: string, ...box: number[]][]): Scene {
  return {
    image: { width: 100, height: 100, data: new Uint8Array(30_000) },
    instances: new Uint8Array(10_000),
    background: 'flat',
    objects: objects.map(([emoji, y1, x1, y2, x2], i): SceneObject => {
      const box = { y1: y1!, x1: x1!, y2: y2!, x2: x2! };
      const normalisedBox = { y1: y1! / 100, x1: x1! / 100, y2: y2! / 100, x2: x2! / 100 };
      const area = (y2! - y1!) * (x2! - x1!);
      return {
        concept: indexOf(emoji),
        style: 'twemoji',
        box,
        normalisedBox,
        area,
        visibleShare: 1,
        depth: objects.length - 1 - i,
        distance: 1,
      };
    }),
  };
}

/** Every concept of the small data set, in every locale. */
const everything = () => ({
  ...sceneVocabulary(dataset),
  locales: ['en', 'fr', 'ja', 'de'],
  name: (locale: string, concept: number) => dataset.names(locale)[concept],
});

describe('captions', () => {
  it('name the objects, largest first, each once, as each language lists things', () => {
    const scene = sceneWith(
      ['🐶', 0, 0, 10, 10],
      ['🍎', 0, 50, 50, 100],
      ['🚗', 60, 0, 90, 30],
      ['🐶', 0, 0, 8, 8],
    );
    expect(sceneCaption(everything(), scene, 'en')).toBe('red apple, automobile, and dog face');
    expect(sceneCaption(everything(), scene, 'de')).toBe('roter Apfel, Auto und Hundegesicht');
    expect(sceneCaption(everything(), scene, 'ja')).toMatch(/^赤リンゴ、.+、.+$/);
  });

  it('exist only where every object has a name', () => {
    const scene = sceneWith(['🐶', 0, 0, 10, 10], ['🍎', 0, 50, 50, 100]);
    const name = (locale: string, concept: number) =>
      locale === 'fr' && concept === indexOf('🍎') ? undefined : everything().name(locale, concept);
    const vocabulary = { ...everything(), locales: ['en', 'fr'], name };
    expect(sceneCaption(vocabulary, scene, 'fr')).toBeUndefined();
    const drawn = drawCaptions(vocabulary, scene, 5, createRandom(1, 'test'));
    expect(drawn).toEqual(Array(5).fill({ locale: 'en', text: 'red apple and dog face' }));
    expect(drawCaptions({ ...vocabulary, locales: ['fr'] }, scene, 2, createRandom(1, 'test'))).toEqual([]);
    const four = drawCaptions(everything(), scene, 4, createRandom(1, 'test'));
    expect(four.map(({ locale }) => locale).sort()).toEqual(['de', 'en', 'fr', 'ja']);
  });
});

describe('referring expressions', () => {
  const texts = (scene: Scene, locales?: string[]) =>
    referringExpressions(everything(), scene, locales).map(({ object, text }) => `${object}: ${text}`);

  it('are names where a name means one object', () => {
    const scene = sceneWith(['🍎', 0, 0, 20, 20], ['🍐', 50, 50, 90, 90]);
    expect(texts(scene, ['en', 'de'])).toEqual(['0: red apple', '1: pear', '0: roter Apfel', '1: Birne']);
  });

  it('are relations in English between two of a kind, where these are clear', () => {
    const scene = sceneWith(['🍎', 0, 60, 20, 80], ['🍐', 40, 40, 60, 60], ['🍎', 5, 0, 55, 50]);
    expect(texts(scene, ['en', 'fr'])).toEqual([
      '1: pear',
      '0: the right red apple',
      '2: the left red apple',
      '0: the top red apple',
      '2: the bottom red apple',
      '0: the smaller red apple',
      '2: the larger red apple',
      '1: poire',
    ]);
    expect(texts(sceneWith(['🍎', 0, 0, 20, 20], ['🍎', 10, 10, 32, 32]))).toEqual([]);
    expect(
      texts(sceneWith(['🍎', 0, 0, 20, 20], ['🍎', 0, 40, 20, 60], ['🍎', 60, 0, 90, 20]), ['en']),
    ).toEqual([]);
  });
});

describe('sceneBatches', () => {
  const tokenizer = {
    encodeBatch: (texts: readonly string[]) => ({
      shape: [texts.length, 4],
      data: Int32Array.from(
        texts.flatMap((text) => [...text.padEnd(4)].slice(0, 4).map((c) => c.codePointAt(0)!)),
      ),
    }),
  };
  const batches = (options: Partial<SceneBatchOptions> = {}, seed = 1) =>
    sceneBatches(
      createScenes(dataset, {
        seed,
        vocabulary: sceneVocabulary(dataset),
        canvas: { pixels: 2048, aspect: [0.5, 2] },
      }),
      tokenizer,
      { seed, images: 6, textsPerImage: 3, preprocessing: fixedPreprocessing(32), ...options },
    );

  it('give arrays, captions and regions that belong together', () => {
    const at = batches();
    const known = new Set(
      ['en', 'fr', 'ja'].flatMap((locale) =>
        dataset.trainTexts.get(locale)!.names.filter((name) => name !== undefined),
      ),
    );
    for (let step = 0; step < 8; step++) {
      const { arrays, captions, regions, scenes } = at(step);
      expect(arrays['pixel_values']!.shape).toEqual([6, 3, 32, 32]);
      expect(arrays['input_ids']!.shape).toEqual([18, 4]);
      const ids = [...arrays['image_ids']!.data];
      expect([...arrays['text_ids']!.data]).toEqual(ids.flatMap((id) => [id, id, id]));
      const contents = scenes.map(({ objects }) =>
        [...new Set(objects.map(({ concept }) => concept))].sort().join(),
      );
      for (let i = 0; i < 6; i++) {
        for (let j = 0; j < 6; j++) expect(ids[i] === ids[j]).toBe(contents[i] === contents[j]);
        expect(arrays['input_ids']!.data[i * 12]).toBe(captions[i]!.text.codePointAt(0));
        const { box, caption } = regions[i]!;
        expect(scenes[i]!.objects.map(({ normalisedBox }) => normalisedBox)).toContainEqual(box);
        const name = caption.replace(/^the (left|right|top|bottom|larger|smaller) /, '');
        expect(known.has(name)).toBe(true);
      }
    }
  });

  it('are a pure function of seed and step, without common scenes', () => {
    const at = batches();
    const third = at(3);
    at(0);
    expect(batches()(3)).toEqual(third);
    expect(at(4).scenes[0]).not.toEqual(third.scenes[0]);
    expect(batches({}, 2)(3).scenes[0]).not.toEqual(third.scenes[0]);
  });

  it('feed NaFlex towers too, and refuse bad counts', () => {
    const { arrays } = batches({ preprocessing: naflexPreprocessing(8, 20) })(0);
    expect(arrays['pixel_values']!.shape).toEqual([6, 20, 192]);
    expect(arrays['spatial_shapes']!.shape).toEqual([6, 2]);
    expect(() => batches({ images: 0 })).toThrow(/images is 0/);
  });

  it('say when nothing can be described', () => {
    const vocabulary = { ...sceneVocabulary(dataset), name: () => undefined };
    const scenes = createScenes(dataset, { seed: 1, vocabulary, canvas: { width: 16, height: 16 } });
    const at = sceneBatches(scenes, tokenizer, {
      seed: 1,
      images: 1,
      textsPerImage: 1,
      preprocessing: fixedPreprocessing(16),
    });
    expect(() => at(0)).toThrow(/none of 64 scenes can be described in en, fr, ja/);
  });
});
