import { z } from 'zod';
import { type Answer, answerQuestions } from '../../data/sources/thread/answerQuestions.ts';
import type { ImagePreprocessing } from '../../input/image/config.ts';
import { type DecodeOptions, decodeImage } from '../../input/image/decode.ts';
import { fitToModel } from '../../input/image/fittedImage.ts';

/** An encoded image, and how it becomes what the model takes. */
export interface DecodeQuestion {
  readonly bytes: Uint8Array;
  readonly options: DecodeOptions;
  readonly preprocessing: ImagePreprocessing;
}

const questionSchema = z.custom<DecodeQuestion>((value) => typeof value === 'object' && value !== null);

/** The whole image stays in this thread; what leaves it is small. */
async function answer(raw: unknown): Promise<Answer> {
  const { bytes, options, preprocessing } = questionSchema.parse(raw);
  return { value: fitToModel(await decodeImage(bytes, options), preprocessing) };
}

answerQuestions(answer);
