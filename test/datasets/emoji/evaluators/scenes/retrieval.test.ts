import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateSceneRetrieval } from '../../../../../datasets/emoji/evaluators/scenes/retrieval.ts';
import { sceneCaption } from '../../../../../datasets/emoji/scenes/captions.ts';
import { createScenes, type Scenes } from '../../../../../datasets/emoji/scenes/generator.ts';
import { sceneVocabulary } from '../../../../../datasets/emoji/scenes/vocabulary.ts';
import type { ImageSource } from '../../../../../src/input/image/imageSource.ts';
import { float32 } from '../../../../../src/tensor/index.ts';
import { smallDataset } from '../../scenes/fixture.ts';

const COUNT = 40;
let scenes: Scenes;
beforeAll(async () => {
  const dataset = await smallDataset();
  const canvas = { width: 32, height: 24 };
  scenes = createScenes(dataset, { seed: 4, vocabulary: sceneVocabulary(dataset), canvas, objects: [1, 2] });
}, 60_000);

/** A direction for every set of things, at unit length: the same for a scene and its caption. */
function direction(concepts: readonly number[]): number[] {
  const values = Array(64).fill(0);
  for (const concept of new Set(concepts)) values[concept] = 1;
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

/** Sees and reads perfectly; `mistaken` captions are read as the thing 0. */
function oracle(mistaken: (caption: string) => boolean = () => false) {
  const all = Array.from({ length: COUNT }, (_, i) => scenes.sceneAt(i));
  const conceptsOf = (scene: (typeof all)[number]) => scene.objects.map(({ concept }) => concept);
  const read = new Map(
    scenes.vocabulary.locales.flatMap((locale) =>
      all.map((scene) => [sceneCaption(scenes.vocabulary, scene, locale), conceptsOf(scene)] as const),
    ),
  );
  return {
    width: 64,
    embedImages: async (images: readonly ImageSource[]) => {
      const found = images.map(
        (image) => all.find((scene) => scene.image.data === image || sameData(scene, image))!,
      );
      return float32(
        [images.length, 64],
        found.flatMap((scene) => direction(conceptsOf(scene))),
      );
    },
    embedTexts: async (texts: readonly string[]) =>
      float32(
        [texts.length, 64],
        texts.flatMap((text) => direction(mistaken(text) ? [0] : read.get(text)!)),
      ),
  };
}

const sameData = ({ image }: { image: { data: Uint8Array } }, other: ImageSource): boolean =>
  typeof other === 'object' && 'data' in other && Buffer.from(image.data).equals(Buffer.from(other.data));

describe('evaluateSceneRetrieval', () => {
  it('gives a model that understands everything full marks in every language', async () => {
    const results = await evaluateSceneRetrieval(oracle(), scenes, { scenes: COUNT });
    expect(results.map(({ locale }) => locale).sort()).toEqual(['en', 'fr', 'ja']);
    for (const { textToImage, imageToText } of results) {
      expect([textToImage.at1, imageToText.at1]).toEqual([1, 1]);
      expect(textToImage.queries).toBe(imageToText.queries);
    }
    // Some scenes show the same things, which the marks above have counted as one answer.
    const contents = Array.from({ length: COUNT }, (_, i) =>
      [...new Set(scenes.sceneAt(i).objects.map(({ concept }) => concept))].sort().join(),
    );
    expect(new Set(contents).size).toBeLessThan(COUNT);
  });

  it('counts what is read wrongly', async () => {
    const asked = new Set<string>();
    const wrong = (caption: string) => {
      asked.add(caption);
      return asked.size > 20;
    };
    const [result] = await evaluateSceneRetrieval(oracle(wrong), scenes, { scenes: COUNT, locales: ['en'] });
    expect(result!.textToImage.at1).toBeGreaterThan(0);
    expect(result!.textToImage.at1).toBeLessThan(1);
  });

  it('says when there is nothing to ask', async () => {
    await expect(evaluateSceneRetrieval(oracle(), scenes, { scenes: 3, locales: [] })).rejects.toThrow(
      'no caption in these languages',
    );
  });
});
