import type { Box } from '../../input/image/box.ts';
import type { BoxFormat } from '../../input/text/locca/boxText.ts';
import { encodeLocca, type PieceEncoder } from '../../input/text/locca/encode.ts';
import {
  LOCCA_FORMAT,
  LOCCA_TASKS,
  type LoccaContent,
  type LoccaFormat,
  type LoccaTask,
} from '../../input/text/locca/format.ts';
import { float32, int32, type NdArray } from '../../tensor/index.ts';
import { createRandom } from '../../tensor/random.ts';
import {
  check,
  count,
  listOf,
  oneOf,
  optional,
  rule,
  seed as seedRule,
  settings,
  share,
  text,
  wholeNumber,
} from '../../tensor/settings.ts';

/** A part of an image and the words for it. */
export interface CaptionedBox {
  /** In shares of the image's sides. */
  readonly box: Box;
  readonly caption: string;
}

/** What one image gives the decoder to learn. What is missing is not learnt. */
export interface LoccaExample {
  readonly caption?: string;
  /** For referring, e.g. a random one of the image's regions. */
  readonly referring?: CaptionedBox;
  /** For grounded captioning. */
  readonly groundedCaptioning?: CaptionedBox;
}

export interface LoccaBatchOptions {
  readonly seed: number;
  /** The decoder's. */
  readonly length: number;
  /** Default: all three. */
  readonly tasks?: readonly LoccaTask[];
  /** Chance that a caption is predicted in parallel. 0.5 in the paper (§2.2); boxes never are. */
  readonly parallelProbability?: number;
  readonly format?: LoccaFormat;
  /** As in the objective's settings: lists the learnt positions, at most so many. Default: not listed. */
  readonly lossPositions?: number;
}

const COORDINATES = ['x1', 'x2', 'y1', 'y2'];

const boxFormatSchema = settings<BoxFormat>({
  maximum: count,
  order: rule(
    'each of y1, x1, y2 and x2 once',
    (value) => Array.isArray(value) && [...value].sort().join() === COORDINATES.join(),
  ),
});

const loccaBatchSchema = settings<LoccaBatchOptions>({
  seed: seedRule,
  length: count,
  tasks: optional(listOf(oneOf(LOCCA_TASKS), 1)),
  parallelProbability: optional(share),
  format: optional(
    settings<LoccaFormat>({
      prefixes: settings({ captioning: text, referring: text, groundedCaptioning: text }),
      separator: text,
      box: boxFormatSchema,
    }),
  ),
  lossPositions: optional(count),
});

/** Decoder inputs of N images and K tasks: K rows per image, in the order of the tasks. */
export interface LoccaBatch {
  /** Prefix, text, eos (1) and pads (0), [N·K, T]. */
  readonly decoder_ids: NdArray<'int32'>;
  /** 1 for what is learnt, all after the task's prefix, eos included; 0 for the rest, [N·K, T]. */
  readonly decoder_weights: NdArray<'float32'>;
  /** 1 for texts that are predicted in parallel, [N·K]. */
  readonly decoder_parallel: NdArray<'int32'>;
  /** Indices into the N·K·T positions of those with a weight, then zeros, [P]. Position 0 has no weight. */
  readonly decoder_positions?: NdArray<'int32'>;
}

const contentOf = (example: LoccaExample, task: LoccaTask): LoccaContent | undefined =>
  task === 'captioning'
    ? example.caption === undefined
      ? undefined
      : { caption: example.caption }
    : example[task];

function positionsOf(weights: Float32Array, capacity: number): NdArray<'int32'> {
  const positions = Array.from(weights.keys()).filter((i) => weights[i]! > 0);
  if (positions.length > capacity) {
    throw new RangeError(
      `a batch has ${positions.length} tokens to learn, but lossPositions is ${capacity}; raise it in the ` +
        'objective and in the batches',
    );
  }
  const padded = new Int32Array(capacity);
  padded.set(positions);
  return int32([capacity], padded);
}

/**
 * Decoder inputs of a batch: a pure function of the examples, the options and `step`. Which captions are predicted in
 * parallel depends on (seed, step, index) alone.
 * @throws RangeError when a box's text does not fit the length, a prefix has no tokens, there are more learnt positions than `lossPositions`, or an
 *   option is none
 * @example
 * const tokenizer = await loadTokenizer('model/tokenizer.json', { length: 64 });
 * const box = { y1: 0, x1: 0, y2: 0.5, x2: 0.5 };
 * const examples = [{ caption: 'a cat on a mat', referring: { box, caption: 'a cat' } }];
 * console.log(loccaBatch(examples, tokenizer, { seed: 0, length: 64 }, 0).decoder_ids.shape);
 */
export function loccaBatch(
  examples: readonly LoccaExample[],
  tokenizer: PieceEncoder,
  options: LoccaBatchOptions,
  step: number,
): LoccaBatch {
  check('loccaBatch', loccaBatchSchema, options);
  check('step', wholeNumber, step);
  const { seed, length, tasks = LOCCA_TASKS, parallelProbability = 0.5, format = LOCCA_FORMAT } = options;
  const rows = examples.length * tasks.length;
  const ids = new Int32Array(rows * length);
  const weights = new Float32Array(rows * length);
  const parallel = new Int32Array(rows);
  examples.forEach((example, i) => {
    tasks.forEach((task, k) => {
      const content = contentOf(example, task);
      if (content === undefined) return;
      const row = i * tasks.length + k;
      const encoded = encodeLocca(task, content, tokenizer, length, format);
      if (encoded.prefixLength === 0) throw new RangeError(`the prefix of ${task} has no tokens`);
      ids.set(encoded.ids, row * length);
      weights.fill(1, row * length + encoded.prefixLength, row * length + encoded.ids.length);
      if (task === 'captioning') {
        const drawn = createRandom(seed, 'locca', 'parallel', step, i).next();
        parallel[row] = drawn < parallelProbability ? 1 : 0;
      }
    });
  });
  return {
    decoder_ids: int32([rows, length], ids),
    decoder_weights: float32([rows, length], weights),
    decoder_parallel: int32([rows], parallel),
    ...(options.lossPositions !== undefined && {
      decoder_positions: positionsOf(weights, options.lossPositions),
    }),
  };
}
