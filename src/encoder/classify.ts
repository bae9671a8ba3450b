import { classPrompts, PROMPT_TEMPLATES, type PromptTemplatesName } from '../input/text/prompts.ts';
import { type NdArray, ndarray } from '../tensor/index.ts';
import { rule } from '../tensor/settings.ts';
import type { Embeddings } from './embeddings.ts';

/** One label's result for one image. */
export interface LabelScore {
  readonly label: string;
  /** Probability that image and label match, σ(e^t·cos + b), 0 … 1. Labels are judged independently: no softmax. */
  readonly probability: number;
}

/** Prompt templates: a named set, or your own with `{}` where the label goes. */
export type Templates = PromptTemplatesName | readonly string[];

export const templatesRule = rule<Templates>(
  `one of ${Object.keys(PROMPT_TEMPLATES).join(', ')}, or a list of templates`,
  (value) =>
    typeof value === 'string'
      ? Object.hasOwn(PROMPT_TEMPLATES, value)
      : Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string'),
);

/** Whether labels are taken as they are: no sentence around them, and capitals and punctuation stay. */
export const isBare = (templates: Templates): boolean =>
  typeof templates !== 'string' && templates.length === 1 && templates[0] === '{}';

/**
 * The texts of each label (big_vision's prompt engineering, canonicalised where that leaves labels apart; see
 * {@link classPrompts}), or, for `['{}']`, the labels themselves.
 * @returns for each label as many texts as there are templates
 */
export const labelPrompts = (
  labels: readonly string[],
  templates: Templates,
): readonly (readonly string[])[] =>
  isBare(templates) ? labels.map((label) => [label]) : classPrompts(labels, templates).prompts;

/** The learned scalars of the sigmoid: log-temperature t and bias b. */
export interface LogitScalars {
  readonly logTemperature: number;
  readonly bias: number;
}

/**
 * Probability of every image–text pair: σ(e^t·⟨image, text⟩ + b), [images, texts].
 * @throws RangeError when the widths differ, or naming a pair of which the embeddings or the scalars are no numbers.
 * @example
 * const encoder = await load();
 * const images = await encoder.embedImages(['cat.jpg']);
 * const texts = await encoder.embedTexts(['a cat', 'a dog']);
 * console.log(matchProbabilities(images, texts, encoder.logitScalars).data);
 */
export function matchProbabilities(
  images: Embeddings,
  texts: Embeddings,
  { logTemperature, bias }: LogitScalars,
): NdArray<'float32'> {
  const [n, width] = images.shape as [number, number];
  const [m, textWidth] = texts.shape as [number, number];
  if (width !== textWidth) {
    throw new RangeError(
      `image embeddings have width ${width}, text embeddings ${textWidth}: use one model for both`,
    );
  }
  const temperature = Math.exp(logTemperature);
  const probabilities = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let dot = 0;
      for (let k = 0; k < width; k++) dot += images.data[i * width + k]! * texts.data[j * width + k]!;
      const probability = 1 / (1 + Math.exp(-(temperature * dot + bias)));
      if (Number.isNaN(probability))
        throw new RangeError(
          `image ${i} and text ${j}: the embeddings' product is ${dot}, temperature ${temperature} and bias ${bias}, ` +
            'which give no probability; take other embeddings or another model',
        );
      probabilities[i * m + j] = probability;
    }
  }
  return ndarray('float32', [n, m], probabilities);
}

/**
 * Every label with its probability for each image, best first.
 * @param images [n, d]
 * @param classes one row a label, [labels, d]
 */
export function rankLabels(
  images: Embeddings,
  labels: readonly string[],
  classes: Embeddings,
  logitScalars: LogitScalars,
): LabelScore[][] {
  const { data } = matchProbabilities(images, classes, logitScalars);
  return Array.from({ length: images.shape[0]! }, (_, i) =>
    labels
      .map((label, j) => ({ label, probability: data[i * labels.length + j]! }))
      .sort((a, b) => b.probability - a.probability),
  );
}
