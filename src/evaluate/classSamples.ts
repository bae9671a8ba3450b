import type { SeenSample } from './evaluator.ts';

/** Samples of classes: names in order, and the class of each sample as an index into them. */
export interface ClassSamples {
  readonly names: readonly string[];
  readonly labels: readonly number[];
}

/**
 * The class of each sample: its only caption, e.g. the name of the folder that it lies in.
 * @throws Error when there are no samples, or naming one with several captions
 * @example
 * const { names, labels } = classSamples([{ key: 'a.jpg', captions: [{ text: 'cat' }] }]);
 */
export function classSamples(samples: readonly Pick<SeenSample, 'key' | 'captions'>[]): ClassSamples {
  if (samples.length === 0) throw new Error('the data has no image with a class that can be used');
  const classes = samples.map(({ key, captions }) => {
    if (captions.length === 1) return captions[0]!.text;
    throw new Error(
      `${key}: has ${captions.length} captions; images of classes have one each, the name of their class: sort them into folders by name, or use the task retrieval`,
    );
  });
  const names = [...new Set(classes)].sort();
  const numbers = new Map(names.map((name, number) => [name, number]));
  return { names, labels: classes.map((name) => numbers.get(name)!) };
}
