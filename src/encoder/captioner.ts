import { resolving } from '../checkpoint/hub/options.ts';
import { resolveModel } from '../checkpoint/hub/resolveModel.ts';
import { type DecoderFiles, hasDecoder, openDecoder } from '../checkpoint/huggingFace/decoder.ts';
import type { Box } from '../input/image/box.ts';
import type { ImageSource } from '../input/image/imageSource.ts';
import { findBox } from '../input/text/locca/boxText.ts';
import { encodeQuestion, type LoccaQuestion } from '../input/text/locca/encode.ts';
import { loadTokenizer } from '../input/text/tokenizer/loadTokenizer.ts';
import { SPECIAL_IDS } from '../input/text/tokenizer/vocabulary.ts';
import { atLeastZero, check, count, optional, settings } from '../tensor/settings.ts';
import { EMBEDDED_MODEL } from './embeddedModel.ts';
import type { Encoder } from './encoder.ts';
import { createGenerator, type ImageMemory } from './generate/generator.ts';
import { beamSearch, greedySearch, type Hypothesis } from './generate/search.ts';
import { load } from './load.ts';
import { checkLoad, type LoadOptions } from './loadOptions.ts';

export interface AnswerOptions {
  /** Texts that are followed at once; 1 takes the most probable token each time. Default 1. */
  readonly beams?: number;
  /** How beams of different length are compared, see `BeamOptions`. Default 1: by mean ln p per token. */
  readonly lengthPenalty?: number;
  /** Most tokens of an answer. Default: what the decoder's length leaves. */
  readonly maxTokens?: number;
}

const answerSchema = settings<AnswerOptions>({
  beams: optional(count),
  lengthPenalty: optional(atLeastZero),
  maxTokens: optional(count),
});

/** What a decoder has written. */
export interface WrittenText {
  readonly text: string;
  /** ln p of the whole answer given image and question, its end included. */
  readonly logProbability: number;
  /** Whether it ended by itself and not at the limit. */
  readonly ended: boolean;
}

/** Where a decoder sees what a text means. */
export interface WrittenBox extends WrittenText {
  /** In shares of the image's sides; undefined when the answer is not a box. */
  readonly box: Box | undefined;
}

/** An encoder with the decoder that was trained with it: captions, boxes for texts, texts for boxes. */
export interface Captioner {
  readonly encoder: Encoder;
  /** A caption of each image. @throws Error naming the image that cannot be read. */
  caption(images: readonly ImageSource[], options?: AnswerOptions): Promise<WrittenText[]>;
  /** The box of what each text means in one image. */
  refer(image: ImageSource, texts: readonly string[], options?: AnswerOptions): Promise<WrittenBox[]>;
  /** What is in each box (in shares of the image's sides) of one image. */
  describe(image: ImageSource, boxes: readonly Box[], options?: AnswerOptions): Promise<WrittenText[]>;
  /** Frees the engine's memory, the encoder's included. Calls after it fail. */
  dispose(): Promise<void>;
}

/** Tokens that no text holds. */
const SUPPRESSED = [SPECIAL_IDS.pad, SPECIAL_IDS.bos, SPECIAL_IDS.unk];

/**
 * Loads a model with its decoder (`decoder.safetensors` and `decoder_config.json` beside the model).
 * @param nameOrDir as in `load`
 * @throws Error when the model has no decoder: none of the released checkpoints has one; RangeError naming the option that is none
 * @example
 * const captioner = await loadCaptioner('runs/mine/model');
 * const [written] = await captioner.caption(['cat.jpg'], { beams: 4 });
 * console.log(written?.text);
 */
export async function loadCaptioner(
  nameOrDir: string = EMBEDDED_MODEL,
  options: LoadOptions = {},
): Promise<Captioner> {
  checkLoad(options);
  const directory = await resolveModel(nameOrDir, resolving(options));
  // Before gigabytes of the model are read.
  if (!hasDecoder(directory)) throw withoutDecoder(directory);
  const encoder = await load(directory, options);
  try {
    const decoder = await openDecoder(directory, encoder.config);
    if (!decoder) throw withoutDecoder(directory);
    return await withDecoder(encoder, decoder, directory, options);
  } catch (error) {
    await encoder.dispose();
    throw error;
  }
}

const withoutDecoder = (directory: string): Error =>
  new Error(
    `${directory} has no decoder (decoder.safetensors), and neither has any released checkpoint: train one with the ` +
      'loss `locca`, in a recipe that names its `decoder` (docs/training.md)',
  );

async function withDecoder(
  encoder: Encoder,
  { config, format, weights }: DecoderFiles,
  directory: string,
  options: LoadOptions,
): Promise<Captioner> {
  const { letterCase, device, threads } = options;
  const tokenizer = await loadTokenizer(`${directory}/tokenizer.json`, {
    letterCase,
    vocabSize: config.vocabSize,
  });
  const generator = await createGenerator(config, weights, { device, threads });

  async function answer(
    image: ImageMemory,
    question: LoccaQuestion,
    write: AnswerOptions,
  ): Promise<WrittenText> {
    // A prompt leaves one position at least; the rest is the answer's.
    const prompt = encodeQuestion(question, tokenizer, config.length - 1, format);
    const room = config.length - prompt.length;
    const limits = { end: SPECIAL_IDS.eos, maxTokens: Math.min(write.maxTokens ?? room, room) };
    const model = await generator.begin(image, prompt, SUPPRESSED);
    const beams = write.beams ?? 1;
    const best: Hypothesis | undefined =
      beams === 1
        ? await greedySearch(model, limits)
        : (await beamSearch(model, { ...limits, width: beams, lengthPenalty: write.lengthPenalty ?? 1 }))[0];
    const { tokens, logProbability, ended } = best!;
    return { text: tokenizer.decode(tokens).trim(), logProbability, ended };
  }

  const look = async (images: readonly ImageSource[]): Promise<ImageMemory[]> => {
    const memories: ImageMemory[] = [];
    for (const { tokens } of await encoder.imageFeatures(images)) memories.push(await generator.look(tokens));
    return memories;
  };

  async function answerAll(
    image: ImageSource,
    questions: readonly LoccaQuestion[],
    write: AnswerOptions,
  ): Promise<WrittenText[]> {
    if (questions.length === 0) return [];
    const [memory] = await look([image]);
    const answers: WrittenText[] = [];
    for (const question of questions) answers.push(await answer(memory!, question, write));
    return answers;
  }

  return {
    encoder,
    async caption(images, write = {}) {
      check('caption', answerSchema, write);
      const answers: WrittenText[] = [];
      // One image after the other: the keys and values of many would take more memory than their features.
      for (const image of images) answers.push(...(await answerAll(image, [{ task: 'captioning' }], write)));
      return answers;
    },
    async refer(image, texts, write = {}) {
      check('refer', answerSchema, write);
      const questions = texts.map((caption) => ({ task: 'referring' as const, caption }));
      const answers = await answerAll(image, questions, write);
      return answers.map((written) => ({ ...written, box: findBox(written.text, format.box) }));
    },
    async describe(image, boxes, write = {}) {
      check('describe', answerSchema, write);
      const questions = boxes.map((box) => ({ task: 'groundedCaptioning' as const, box }));
      return answerAll(image, questions, write);
    },
    async dispose() {
      await Promise.all([generator.dispose(), encoder.dispose()]);
      await weights.close();
    },
  };
}
