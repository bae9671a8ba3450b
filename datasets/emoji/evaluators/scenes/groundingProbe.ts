import { componentBounds, connectedComponents } from '../../../../src/data/index.ts';
import {
  applyLinearProbe,
  type DenseExample,
  fitDenseProbe,
  type Matrix,
  patchMeans,
  times,
  tokenInputs,
  upsample,
  zeroMatrix,
} from '../../../../src/evaluate/index.ts';
import type { Box, Encoder, ImageFeatures, RgbImage } from '../../../../src/index.ts';
import type { Scenes } from '../../scenes/generator.ts';
import type { Scene } from '../../scenes/scene.ts';
import type { SceneVocabulary } from '../../scenes/vocabulary.ts';
import type { Locate } from './referring.ts';

export interface GroundingProbeOptions {
  /** Scenes that the probe is fitted on, the first ones. Default 200. */
  readonly scenes?: number;
  /** l2 regularisation. Default 2^10. */
  readonly regularisation?: number;
}

type Encoding = Pick<Encoder, 'imageFeatures' | 'embedTexts'>;

const DEFAULT_REGULARISATION = 2 ** 10;

/** A thing's place ends where its heat falls to this share of the highest: the edge of a patch that it half fills. */
const EDGE = 0.5;

/** Text embeddings [n, d] around their mean. */
interface Centred {
  of(texts: readonly string[]): Promise<Matrix>;
}

/** All embeddings of texts lie close together: only the difference to their mean says what a text means. */
async function centredTexts(encoder: Encoding, known: readonly string[]): Promise<Centred> {
  const embed = async (texts: readonly string[]): Promise<Matrix> => {
    const { data, shape } = await encoder.embedTexts(texts);
    return { rows: shape[0]!, columns: shape[1]!, data: Float64Array.from(data) };
  };
  const all = await embed(known);
  const centre = new Float64Array(all.columns);
  all.data.forEach((value, i) => {
    centre[i % all.columns]! += value / all.rows;
  });
  return {
    async of(texts) {
      const found = await embed(texts);
      for (let i = 0; i < found.data.length; i++) found.data[i]! -= centre[i % found.columns]!;
      return found;
    },
  };
}

/** Every name of the things in scenes, by thing. */
function namesIn(vocabulary: SceneVocabulary, scenes: readonly Scene[]): Map<number, string[]> {
  const concepts = new Set(scenes.flatMap(({ objects }) => objects.map(({ concept }) => concept)));
  const namesOf = (concept: number) =>
    vocabulary.locales.flatMap((locale) => vocabulary.name(locale, concept) ?? []);
  return new Map([...concepts].map((concept) => [concept, namesOf(concept)]));
}

/** The mean embedding of each thing's names, [d]. */
async function meansOf(texts: Centred, names: ReadonlyMap<number, string[]>) {
  const embedded = await texts.of([...names.values()].flat());
  const means = new Map<number, Float64Array>();
  let row = 0;
  for (const [concept, own] of names) {
    const mean = new Float64Array(embedded.columns);
    for (const _ of own) {
      for (let k = 0; k < mean.length; k++) mean[k]! += embedded.data[row * mean.length + k]! / own.length;
      row++;
    }
    means.set(concept, mean);
  }
  return means;
}

interface Example extends DenseExample {
  readonly scene: Scene;
}

/** For each patch the embedding of what it shows, by the share of it that each thing fills; zero for background. */
function targetsOf(example: Example, means: ReadonlyMap<number, Float64Array>): Matrix {
  const { objects, instances } = example.scene;
  const shares = patchMeans(example, objects.length, (pixel, k) => (instances[pixel] === k + 1 ? 1 : 0));
  const width = means.values().next().value!.length;
  const embeddings = zeroMatrix(objects.length, width);
  objects.forEach(({ concept }, i) => {
    embeddings.data.set(means.get(concept)!, i * width);
  });
  return times(shares, embeddings);
}

/** The part of an image, of height × width pixels, that is hot and hangs together with its hottest pixel. */
export function hottestBox(heat: ArrayLike<number>, height: number, width: number): Box | undefined {
  let hottest = 0;
  for (let i = 1; i < heat.length; i++) if (heat[i]! > heat[hottest]!) hottest = i;
  const limit = EDGE * heat[hottest]!;
  if (!(limit > 0)) return undefined;
  const marked = Uint8Array.from(heat, (value) => (value >= limit ? 1 : 0));
  const cells = connectedComponents(marked, height, width).find((part) => part.includes(hottest))!;
  const { top, left, bottom, right } = componentBounds(cells, width);
  return { y1: top / height, x1: left / width, y2: bottom / height, x2: right / width };
}

/**
 * Referring expressions without a decoder: a linear map, fitted in closed form on scenes with true masks, from frozen
 * patch features to the text embedding of what a patch shows; a text's place is the hottest part of the image where the
 * two agree. It measures what features and texts know of places, and needs a few hundred scenes where a decoder of
 * boxes needs hundreds of thousands.
 * @returns answers for questions on any scenes in the languages of `train`
 */
export async function groundingProbe(
  encoder: Encoding,
  train: Scenes,
  { scenes: count = 200, regularisation = DEFAULT_REGULARISATION }: GroundingProbeOptions = {},
): Promise<Locate> {
  const scenes = Array.from({ length: count }, (_, i) => train.sceneAt(i));
  const names = namesIn(train.vocabulary, scenes);
  const texts = await centredTexts(encoder, [...names.values()].flat());
  const means = await meansOf(texts, names);
  const features = await encoder.imageFeatures(scenes.map(({ image }) => image));
  const examples = scenes.map(
    (scene, i): Example => ({
      scene,
      features: features[i]!,
      height: scene.image.height,
      width: scene.image.width,
    }),
  );
  const probe = fitDenseProbe(examples, (one) => targetsOf(one, means), {
    regularisation,
    inputsOf: tokenInputs,
  });
  const patches = (image: ImageFeatures): Matrix => applyLinearProbe(probe, tokenInputs(image));

  return async (questions) => {
    const images = [...new Set(questions.map(({ image }) => image))];
    const seen = await encoder.imageFeatures(images);
    const shown = new Map<RgbImage, { features: ImageFeatures; meanings: Matrix }>(
      images.map((image, i) => [image, { features: seen[i]!, meanings: patches(seen[i]!) }]),
    );
    const asked = await texts.of(questions.map(({ text }) => text));
    return questions.map(({ image }, i) => {
      const { features: grid, meanings } = shown.get(image)!;
      const { height, width } = image;
      const query: Matrix = {
        rows: asked.columns,
        columns: 1,
        data: asked.data.subarray(i * asked.columns, (i + 1) * asked.columns),
      };
      const heat = upsample({ features: grid, height, width }, times(meanings, query));
      return hottestBox(heat.data, height, width);
    });
  };
}
