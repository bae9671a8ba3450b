import { isBare, type Templates, templatesRule } from '../../encoder/classify.ts';
import { embedPrompts } from '../../encoder/comparison/embedPrompts.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import type { ImageSource } from '../../input/image/imageSource.ts';
import { classPrompts } from '../../input/text/prompts.ts';
import { check, flag, optional, type Rules, settings } from '../../tensor/settings.ts';
import { classSamples } from '../classSamples.ts';
import { type DataOptions, dataRules, type Evaluator } from '../evaluator.ts';
import { shareInterval } from '../metrics/interval.ts';
import { chanceOf, ranks } from '../metrics/recall.ts';
import { createSimilarity } from '../metrics/similarity.ts';
import { embedSamples } from '../samples.ts';
import { equalNumbers } from './equalNumbers.ts';

export interface ZeroShotOptions {
  /** Prompts of each class. Default: the encoder's own, those that its labels were trained with. */
  readonly templates?: Templates;
  /**
   * Whether names lose punctuation and capitals, as in the reference evaluation. Default: true, unless the encoder's own
   * templates are `['{}']`, which take names as they are.
   */
  readonly canonical?: boolean;
}

const rules: Rules<ZeroShotOptions> = {
  templates: optional(templatesRule).describe(
    'what stands around a name; default: what the model was trained with',
  ),
  canonical: optional(flag).describe('whether names lose capitals and punctuation'),
};

const zeroShotSchema = settings<ZeroShotOptions>(rules);

export interface ZeroShotResult {
  readonly images: number;
  readonly classes: number;
  /** Names that keep capitals and punctuation, since without them they would be empty or another class's name. */
  readonly asTyped: readonly string[];
  /** Share of images whose true class comes first, 0 … 1. A tie counts against the model. */
  readonly top1: number;
  readonly top5: number;
  readonly chance: { readonly top1: number; readonly top5: number };
  /** In the order of the names. A class without images has the share 0. */
  readonly perClass: readonly ClassResult[];
}

export interface ClassResult {
  readonly name: string;
  readonly images: number;
  readonly top1: number;
}

/** Numbers of classes: equal names are one class, which nobody can tell apart. */
const numberNames = (names: readonly string[], canonical: boolean): number[] =>
  equalNumbers(names.map((name) => (canonical ? name.trim().toLowerCase() : name)));

/** Without templates of its own, `clip_best` is taken. */
type Encoding = Pick<Encoder, 'width' | 'embedImages' | 'embedTexts'> & Partial<Pick<Encoder, 'templates'>>;

/** @throws RangeError when there are no images, a label is out of range or counts differ */
function checkLabels(images: number, labels: readonly number[], classes: number): void {
  if (images !== labels.length) throw new RangeError(`${labels.length} labels for ${images} images`);
  const wrong = labels.find((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (wrong !== undefined) throw new RangeError(`label ${wrong} is not one of ${classes} classes`);
  if (images === 0) throw new RangeError('there are no images to classify');
}

/**
 * Zero-shot classification (big_vision's discriminative_classifier; SigLIP 2, Table 1): each class is the mean embedding
 * of its prompts at unit length, each image goes to the nearest. Classes of equal names count as one answer.
 * @param labels the true class of each image, an index into `classNames`
 * @throws RangeError when there are no images, a label is out of range or counts differ; Error naming an image that
 * can't be read
 * @example
 * const { top1, chance } = await evaluateZeroShot(await load(), ['cat.jpg', 'dog.jpg'], [0, 1], ['cat', 'dog']);
 */
export async function evaluateZeroShot(
  encoder: Pick<Encoder, 'width' | 'embedImages' | 'embedTexts'> & Partial<Pick<Encoder, 'templates'>>,
  images: readonly ImageSource[],
  labels: readonly number[],
  classNames: readonly string[],
  options: ZeroShotOptions = {},
): Promise<ZeroShotResult> {
  check('zeroShot', zeroShotSchema, options);
  checkLabels(images.length, labels, classNames.length);
  return scoreZeroShot(encoder, await encoder.embedImages(images), labels, classNames, options);
}

/** As {@link evaluateZeroShot}, of images that are embedded: unit length, [n, d]. */
async function scoreZeroShot(
  encoder: Encoding,
  images: Embeddings,
  labels: readonly number[],
  classNames: readonly string[],
  options: ZeroShotOptions,
): Promise<ZeroShotResult> {
  const own = encoder.templates ?? 'clip_best';
  const { templates = own, canonical = options.templates !== undefined || !isBare(own) } = options;
  const { prompts, asTyped } = classPrompts(classNames, templates, { canonical });
  const classes = await embedPrompts(encoder, prompts);
  const numbers = numberNames(classNames, canonical);
  const engine = await createSimilarity(encoder.width);
  try {
    const all = ranks(
      await engine.similarities(images, classes),
      labels.map((label) => numbers[label]!),
      numbers,
    );
    return {
      images: labels.length,
      classes: classNames.length,
      asTyped,
      ...sharesOf(all, labels, classNames, numbers),
    };
  } finally {
    await engine.dispose();
  }
}

/** Accuracies from the rank of each image's class. @param numbers equal for classes of one name */
function sharesOf(
  all: Float64Array,
  labels: readonly number[],
  classNames: readonly string[],
  numbers: readonly number[],
): Pick<ZeroShotResult, 'top1' | 'top5' | 'chance' | 'perClass'> {
  const shareOf = (some: Float64Array, k: number) =>
    some.filter((rank) => rank < k).length / Math.max(1, some.length);
  const sizes = numbers.map((_, number) => numbers.filter((other) => other === number).length);
  const chance = (k: number) =>
    labels.reduce((sum, label) => sum + chanceOf(sizes[numbers[label]!]!, numbers.length, k), 0) /
    labels.length;
  return {
    top1: shareOf(all, 1),
    top5: shareOf(all, 5),
    chance: { top1: chance(1), top5: chance(5) },
    perClass: classNames.map((name, label) => {
      const own = all.filter((_, i) => labels[i] === label);
      return { name, images: own.length, top1: shareOf(own, 1) };
    }),
  };
}

/** {@link evaluateZeroShot} of a set whose samples have one caption each, the name of their class. */
export const zeroShot: Evaluator<DataOptions & ZeroShotOptions> = {
  name: 'zero-shot',
  description:
    'Top-1 and top-5 accuracy of labels that are the names of classes, on images sorted into classes.',
  options: { ...dataRules, ...rules },
  async *run(encoder, { templates, canonical, ...data }) {
    const { samples, embeddings } = await embedSamples(encoder, data);
    const { names, labels } = classSamples(samples);
    const options = { ...(templates && { templates }), ...(canonical !== undefined && { canonical }) };
    const result = await scoreZeroShot(encoder, embeddings, labels, names, options);
    for (const metric of ['top1', 'top5'] as const) {
      const value = result[metric];
      const interval = shareInterval(value, labels.length);
      yield { metric, value, interval, chance: result.chance[metric], count: labels.length };
    }
  },
};
