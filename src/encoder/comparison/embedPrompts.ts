import { ndarray } from '../../tensor/index.ts';
import type { Embeddings } from '../embeddings.ts';

const EPSILON = 1e-8;

/** The rows of each class, an equal number one after the other, as their mean at unit length: [n·k, d] to [n, d]. */
function meanOfEach({ shape, data }: Embeddings, classes: number): Embeddings {
  const [rows, width] = shape as [number, number];
  const perClass = rows / classes;
  const means = new Float32Array(classes * width);
  for (let one = 0; one < classes; one++) {
    const mean = new Float64Array(width);
    for (let i = 0; i < perClass; i++)
      for (let k = 0; k < width; k++) mean[k]! += data[(one * perClass + i) * width + k]! / perClass;
    const norm = Math.sqrt(mean.reduce((total, value) => total + value * value, 0)) + EPSILON;
    for (let k = 0; k < width; k++) means[one * width + k] = mean[k]! / norm;
  }
  return ndarray('float32', [classes, width], means);
}

/**
 * One embedding a class: the mean of the unit embeddings of its prompts, at unit length again, as big_vision's
 * discriminative classifier does it.
 * @param prompts the texts of each class, as many for each (see `labelPrompts`)
 * @returns unit-length rows in the order of the classes, [classes, d]
 * @example
 * const classes = await embedPrompts(encoder, labelPrompts(['a cat', 'un chien'], 'clip_best'));
 */
export async function embedPrompts(
  encoder: { embedTexts(texts: readonly string[]): Promise<Embeddings> },
  prompts: readonly (readonly string[])[],
): Promise<Embeddings> {
  return meanOfEach(await encoder.embedTexts(prompts.flat()), prompts.length);
}
