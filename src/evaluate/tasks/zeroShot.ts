import { type Templates, templatesRule } from '../../encoder/classify.ts';
import { embedPrompts } from '../../encoder/embedPrompts.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import type { ImageSource } from '../../input/image/imageSource.ts';
import { classPrompts } from '../../input/text/prompts.ts';
import { check, flag, optional, settings } from '../../tensor/settings.ts';
import { chanceOf, ranks } from '../metrics/recall.ts';
import { createSimilarity } from '../metrics/similarity.ts';

export interface ZeroShotOptions {
  /** Prompts of each class. Default `clip_best`; `['{}']` for other languages than English. */
  readonly templates?: Templates;
  /** Whether names lose punctuation and capitals, as in the reference evaluation. Default true. */
  readonly canonical?: boolean;
}

const zeroShotSchema = settings<ZeroShotOptions>({
  templates: optional(templatesRule),
  canonical: optional(flag),
});

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
function numberNames(names: readonly string[], canonical: boolean): number[] {
  const numbers = new Map<string, number>();
  return names.map((name) => {
    const key = canonical ? name.trim().toLowerCase() : name;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

/**
 * Zero-shot classification (big_vision's discriminative_classifier): each class is the mean embedding of its prompts at
 * unit length, each image goes to the nearest. Classes of equal names count as one answer.
 * @param labels the true class of each image, an index into `classNames`
 * @throws RangeError when there are no images, a label is out of range or counts differ.
 */
export async function evaluateZeroShot(
  encoder: Pick<Encoder, 'width' | 'embedImages' | 'embedTexts'>,
  images: readonly ImageSource[],
  labels: readonly number[],
  classNames: readonly string[],
  options: ZeroShotOptions = {},
): Promise<ZeroShotResult> {
  check('zeroShot', zeroShotSchema, options);
  const { templates = 'clip_best', canonical = true } = options;
  if (images.length !== labels.length) {
    throw new RangeError(`${labels.length} labels for ${images.length} images`);
  }
  const wrong = labels.find((label) => classNames[label] === undefined);
  if (wrong !== undefined) {
    throw new RangeError(`label ${wrong} is not one of ${classNames.length} classes`);
  }
  if (images.length === 0) throw new RangeError('there are no images to classify');
  const { prompts, asTyped } = classPrompts(classNames, templates, { canonical });
  const classes = await embedPrompts(encoder, prompts);
  const numbers = numberNames(classNames, canonical);
  const engine = await createSimilarity(encoder.width);
  try {
    const similarity = await engine.similarities(await encoder.embedImages(images), classes);
    const all = ranks(
      similarity,
      labels.map((label) => numbers[label]!),
      numbers,
    );
    const sizes = numbers.map((_, number) => numbers.filter((other) => other === number).length);
    const shareOf = (some: Float64Array, k: number) =>
      some.filter((rank) => rank < k).length / Math.max(1, some.length);
    const perClass = classNames.map((name, label) => {
      const own = all.filter((_, i) => labels[i] === label);
      return { name, images: own.length, top1: shareOf(own, 1) };
    });
    const chance = (k: number) =>
      labels.reduce((sum, label) => sum + chanceOf(sizes[numbers[label]!]!, numbers.length, k), 0) /
      labels.length;
    return {
      images: images.length,
      classes: classNames.length,
      asTyped,
      top1: shareOf(all, 1),
      top5: shareOf(all, 5),
      chance: { top1: chance(1), top5: chance(5) },
      perClass,
    };
  } finally {
    await engine.dispose();
  }
}
