import { matchProbabilities, rankLabels } from '../../src/encoder/classify.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import type { EncoderImage } from '../../src/input/image/imageSource.ts';
import { fixedPreprocessing } from '../../src/input/image/preprocessing.ts';
import { float32 } from '../../src/tensor/index.ts';
import { FIXED } from '../checkpoint/tinyModel.ts';

/** The colours that the fake encoder knows, as corners of a cube: unit vectors of the space. */
const AXES: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [1, 0, 0],
  green: [0, 1, 0],
  blue: [0, 0, 1],
};

const unit = (vector: readonly number[]): number[] => {
  const norm = Math.hypot(...vector) || 1;
  return vector.map((value) => value / norm);
};

function meanColour(source: EncoderImage): number[] {
  if (typeof source === 'string' || source instanceof Uint8Array) throw new Error('expected decoded pixels');
  if ('fitted' in source && source.fitted === 'naflex') throw new Error('expected an image of a fixed size');
  const { data } = 'fitted' in source ? source.image : source;
  const sums = [0, 0, 0];
  data.forEach((value, i) => {
    sums[i % 3]! += value;
  });
  return unit(sums);
}

/** The sum of the colours that a text names; a text without any is grey. */
function namedColour(text: string): number[] {
  const named = Object.entries(AXES).filter(([name]) => text.toLowerCase().includes(name));
  return unit(
    named.length === 0 ? [1, 1, 1] : [0, 1, 2].map((c) => named.reduce((sum, [, axis]) => sum + axis[c]!, 0)),
  );
}

/** e^t = 10 and b = −5: a cosine of 1 gives σ(5), of 0 gives σ(−5). */
const SCALARS = { logTemperature: Math.log(10), bias: -5 };

/** An encoder that sees an image's mean colour and reads colour words: every ranking is known in closed form. */
export function fakeEncoder(overrides: Partial<Encoder> = {}): Encoder {
  const encoder: Encoder = {
    config: FIXED,
    width: 3,
    logitScalars: SCALARS,
    templates: 'clip_best',
    decode: {},
    preprocessing: fixedPreprocessing(8),
    embedImages: async (images) => float32([images.length, 3], images.flatMap(meanColour)),
    embedPatches: async () => {
      throw new Error('the fake encoder sees no patches');
    },
    imageFeatures: async (images) =>
      images.map((image) => {
        const colour = meanColour(image);
        const grid = { rows: 1, columns: 1, patchHeight: 1, patchWidth: 1 };
        return { ...grid, tokens: float32([1, 3], colour), pooled: float32([3], colour) };
      }),
    embedTexts: async (texts) => float32([texts.length, 3], texts.flatMap(namedColour)),
    // A token a word, of which it reads seven and the end.
    countTokens: async (texts) =>
      texts.map((text) => {
        const words = text.split(/\s+/).length;
        return { tokens: Math.min(words + 1, 8), isCut: words > 7 };
      }),
    score: async (images, texts) =>
      matchProbabilities(await encoder.embedImages(images), await encoder.embedTexts(texts), SCALARS),
    embedLabels: (labels) => encoder.embedTexts(labels),
    async classify(images, labels, { templates = encoder.templates } = {}) {
      // Marks that prompts were asked for, so that tests can tell.
      const suffix = typeof templates === 'string' ? ` (${templates})` : '';
      const named = labels.map((label) => label + suffix);
      const [pictures, classes] = [await encoder.embedImages(images), await encoder.embedLabels(labels)];
      return rankLabels(pictures, named, classes, SCALARS);
    },
    dispose: async () => {},
    ...overrides,
  };
  return encoder;
}
