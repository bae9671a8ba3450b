import { imageFeeds } from '../../../src/data/index.ts';
import type { Box, ImagePreprocessing } from '../../../src/index.ts';
import { type Arrays, createRandom, int32, type Random } from '../../../src/tensor/index.ts';
import { type Caption, drawCaptions } from './captions.ts';
import type { Scenes } from './generator.ts';
import { nameExpressions, relationalExpressions } from './referring.ts';
import type { Scene } from './scene.ts';
import type { SceneVocabulary } from './vocabulary.ts';

/** The part of a tokenizer that batches need. */
interface BatchEncoder {
  encodeBatch(texts: readonly string[]): { readonly data: Int32Array; readonly shape: readonly number[] };
}

export interface SceneBatchOptions {
  readonly seed: number;
  /** Scenes per batch. */
  readonly images: number;
  /** Captions per scene, in languages drawn independently. */
  readonly textsPerImage: number;
  /** How scenes become model inputs; of either kind. */
  readonly preprocessing: ImagePreprocessing;
  /** Chance that a region of a scene with two of one thing is described in English by place or size. Default 0.5. */
  readonly relationalProbability?: number;
}

/** A part of a scene and the words for it. */
export interface Region {
  /** Normalised, 0 … 1. */
  readonly box: Box;
  readonly caption: string;
  readonly locale: string;
}

/** What a step is trained on. Arrays go to the model as they are; texts wait for the decoder's formats. */
export interface SceneBatch {
  /**
   * The vision inputs of the preprocessing (`pixel_values` …), `input_ids` [N·K, T], `image_ids` [N] and `text_ids`
   * [N·K]: equal where a caption describes a scene. Scenes of the same things share an id.
   */
  readonly arrays: Arrays;
  readonly scenes: readonly Scene[];
  /** One whole-image caption per scene: the first of its K. */
  readonly captions: readonly Caption[];
  /** One region per scene: for a referring expression and for a grounded caption (LocCa; docs/paper.md). */
  readonly regions: readonly Region[];
}

/** A random object that a random language can name, and its name there. */
function drawRegion(
  vocabulary: SceneVocabulary,
  scene: Scene,
  relationalProbability: number,
  random: Random,
): Region | undefined {
  const relational = random.next() < relationalProbability ? relationalExpressions(vocabulary, scene) : [];
  const locales = relational.length > 0 ? [] : random.shuffle([...vocabulary.locales]);
  let expressions = relational;
  for (let i = 0; expressions.length === 0 && i < locales.length; i++) {
    expressions = nameExpressions(vocabulary, scene, locales[i]!);
  }
  if (expressions.length === 0) return undefined;
  const { object, locale, text } = random.pick(expressions);
  return { box: scene.objects[object]!.normalisedBox, caption: text, locale };
}

interface Example {
  readonly scene: Scene;
  readonly captions: readonly Caption[];
  readonly region: Region;
}

/** Scene indices are spread so that redraws of a slot never meet another slot's scenes. */
const REDRAWS = 64;

/**
 * A scene that has captions and a region. Some have none (things that no one language names; two of a thing side by
 * side), and the next draw of the slot takes their place.
 */
function exampleAt(scenes: Scenes, options: SceneBatchOptions, position: number): Example {
  const { seed, textsPerImage, relationalProbability = 0.5 } = options;
  const { vocabulary } = scenes;
  for (let draw = 0; draw < REDRAWS; draw++) {
    const scene = scenes.sceneAt(position * REDRAWS + draw);
    const random = createRandom(seed, 'emoji', 'scene texts', position, draw);
    const captions = drawCaptions(vocabulary, scene, textsPerImage, random);
    const region = drawRegion(vocabulary, scene, relationalProbability, random);
    if (captions.length > 0 && region !== undefined) return { scene, captions, region };
  }
  throw new Error(
    `none of ${REDRAWS} scenes can be described in ${vocabulary.locales.join(', ')}; add locales or concepts`,
  );
}

/** Equal numbers for scenes of the same things: the captions of one describe the other. */
function idsOfContent(scenes: readonly Scene[]): number[] {
  const contents = scenes.map(({ objects }) =>
    [...new Set(objects.map(({ concept }) => concept))].sort((a, b) => a - b).join(),
  );
  return contents.map((content) => contents.indexOf(content));
}

/**
 * Training batches of scenes for the contrastive loss and the decoder. A pure function of the options and `step`.
 * @throws RangeError when `images` or `textsPerImage` is not a positive integer.
 */
export function sceneBatches(
  scenes: Scenes,
  tokenizer: BatchEncoder,
  options: SceneBatchOptions,
): (step: number) => SceneBatch {
  const { images, textsPerImage, preprocessing } = options;
  for (const [name, value] of Object.entries({ images, textsPerImage })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name} is ${value}; it must be a positive integer`);
    }
  }
  return (step) => {
    const examples = Array.from({ length: images }, (_, slot) =>
      exampleAt(scenes, options, step * images + slot),
    );
    const drawn = examples.map(({ scene }) => scene);
    const ids = idsOfContent(drawn);
    const tokens = tokenizer.encodeBatch(
      examples.flatMap(({ captions }) => captions.map(({ text }) => text)),
    );
    return {
      arrays: {
        ...imageFeeds(
          drawn.map(({ image }) => image),
          preprocessing,
        ),
        input_ids: int32(tokens.shape, tokens.data),
        image_ids: int32([images], ids),
        text_ids: int32(
          [images * textsPerImage],
          ids.flatMap((id) => Array(textsPerImage).fill(id)),
        ),
      },
      scenes: drawn,
      captions: examples.map(({ captions }) => captions[0]!),
      regions: examples.map(({ region }) => region),
    };
  };
}
