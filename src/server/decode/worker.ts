import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sharp from 'sharp';
import { z } from 'zod';
import { type Answer, answerQuestions } from '../../data/sources/thread/answerQuestions.ts';
import { type DecodeOptions, decodeImage } from '../../input/image/decode/decodeImage.ts';
import { fitToModel } from '../../input/image/fittedImage.ts';
import type { ImagePreprocessing } from '../../input/image/preprocessing.ts';

/** An encoded image, and how it becomes what the model takes. */
export interface DecodeQuestion {
  readonly bytes: Uint8Array;
  readonly options: DecodeOptions;
  readonly preprocessing: ImagePreprocessing;
}

const questionSchema = z.custom<DecodeQuestion>((value) => typeof value === 'object' && value !== null);

// No upload is decoded twice.
sharp.cache(false);

setFlagsFromString('--expose-gc');
const collectGarbage = z
  .custom<() => void>((value) => typeof value === 'function')
  .parse(runInNewContext('gc'));

/** Pixels of which the memory is given back at once. */
const LARGE = 2 ** 20;

/**
 * The whole image stays in this thread; what leaves it is small. Its pixels are outside of the engine's heap, which
 * therefore sees no reason to look for garbage: the next images would be decoded beside those that nobody needs.
 */
async function answer(raw: unknown): Promise<Answer> {
  const { bytes, options, preprocessing } = questionSchema.parse(raw);
  const { fitted, size } = await read(bytes, options, preprocessing);
  if (size.width * size.height > LARGE) collectGarbage();
  return { value: { ...fitted, size } };
}

async function read(bytes: Uint8Array, options: DecodeOptions, preprocessing: ImagePreprocessing) {
  const image = await decodeImage(bytes, options);
  return { fitted: fitToModel(image, preprocessing), size: { width: image.width, height: image.height } };
}

answerQuestions(answer);
