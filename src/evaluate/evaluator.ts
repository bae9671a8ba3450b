import type { Sample } from '../data/samples/sample.ts';
import type { Tally } from '../data/samples/tally.ts';
import type { Source } from '../data/sources/source.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { callback, check, object, optional, type Rules, settings } from '../tensor/settings.ts';

/** One number that an evaluator found. */
export interface Evaluation {
  /** What was measured, e.g. `top1` or `textToImage@5`. Unique within a run of the evaluator. */
  readonly metric: string;
  readonly value: number;
  /** 95 % confidence interval, lower bound first. */
  readonly interval?: readonly [low: number, high: number];
  /** What guessing would reach. */
  readonly chance?: number;
  /** How many things were asked: images, queries, pixels. */
  readonly count: number;
  /** Whether a lower value is a better one, as of an error. */
  readonly lowerIsBetter?: boolean;
}

/**
 * An evaluation protocol: what a model is asked, and how its answers are counted. `siglip2 evaluate --task NAME` finds it
 * by its name, a recipe runs it as it trains.
 * @example
 * const norm: Evaluator<{ readonly texts: readonly string[] }> = {
 *   name: 'norm',
 *   description: 'Mean length of embeddings of texts, which is 1.',
 *   options: { texts: listOf(text, 1) },
 *   async *run(encoder, { texts }) {
 *     const { data } = await encoder.embedTexts(texts);
 *     const squares = data.reduce((sum, value) => sum + value * value, 0);
 *     yield { metric: 'norm', value: Math.sqrt(squares / texts.length), count: texts.length };
 *   },
 * };
 */
export interface Evaluator<Options extends object = object> {
  /** As in `--task zero-shot`. */
  readonly name: string;
  /** One sentence: what is measured on which data. */
  readonly description: string;
  /**
   * A rule for each option. The command line gives what is named as in {@link DataOptions}; a rule with a description
   * (`describe`, for people) is an option of its `--with name=value`.
   */
  readonly options: Rules<Options>;
  /** Whether samples without captions are of use. Default false: they are bad. */
  readonly keepUncaptioned?: boolean;
  /** Fails, before a model is loaded, where something else is missing that it needs, such as a package. */
  assertReady?(): void;
  /**
   * Gives its numbers as they are found. It must be a function of the encoder and the options alone: a training that is
   * stopped and continued evaluates again.
   */
  run(encoder: Encoder, options: Options): AsyncIterable<Evaluation>;
}

/** Options of an evaluator that reads samples. */
export interface DataOptions {
  /** The set that `--data` names. */
  readonly data: Source;
  /** Told of each sample, good or bad. Default: a bad one is an error. */
  readonly tally?: Pick<Tally, 'good' | 'bad'>;
}

/** Options of an evaluator that says how far it is. */
export interface ProgressOptions {
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

/** The rules of {@link DataOptions}, for options that have them among others. */
export const dataRules: Rules<DataOptions> = {
  data: object<Source>('a data source'),
  tally: optional(object<Pick<Tally, 'good' | 'bad'>>('a tally')),
};

export const dataSchema = settings<DataOptions>(dataRules);

export const progressRules: Rules<ProgressOptions> = { onProgress: optional(callback()) };

/**
 * An evaluator that refuses options that are none before it runs.
 * @throws RangeError naming the option
 */
export const checked = <Options extends object>(evaluator: Evaluator<Options>): Evaluator<Options> => ({
  ...evaluator,
  run(encoder, options) {
    check(evaluator.name, settings(evaluator.options), options);
    return evaluator.run(encoder, options);
  },
});

/** A sample whose image was looked at and let go. */
export type SeenSample = Omit<Sample, 'image'>;
