import { LOCCA_TASKS, type LoccaTask } from '../../../input/text/locca/format.ts';
import { assertLoccaDecoderConfig, type LoccaDecoderConfig } from '../../../model/locca/config.ts';
import {
  type ImageTokens,
  LOCCA_DECODER,
  loccaDecoder,
  vocabularyProjection,
} from '../../../model/locca/decoder.ts';
import { type ParameterTable, parameterScope } from '../../../nn/parameters.ts';
import {
  add,
  gather,
  input,
  mul,
  reshape,
  scalar,
  scatterAdd,
  slice,
  staticDim,
  type Tensor,
} from '../../../tensor/index.ts';
import {
  atLeastZero,
  check,
  consistent,
  count,
  listOf,
  oneOf,
  optional,
  settings,
} from '../../../tensor/settings.ts';
import {
  averageByTask,
  TOKEN_AVERAGES,
  type TokenAverage,
  vocabularyCrossEntropy,
} from './captioningLoss.ts';

export interface LoccaSettings {
  /** Tasks of the rows of one image, in order. Default: all three. */
  readonly tasks?: readonly LoccaTask[];
  /** Factor of each task's mean loss in the sum. The paper sums them (§2.2); whether it averages is not known: default 1. */
  readonly taskWeights?: Readonly<Partial<Record<LoccaTask, number>>>;
  /** Default `tokens`; see {@link TokenAverage}. */
  readonly average?: TokenAverage;
  /** Positions per block of logits. Default: as many as make a block of 256 MiB. */
  readonly rows?: number;
  /**
   * The most positions of a batch that are learnt. Only these get logits, and the batch lists them: with texts much
   * shorter than the decoder that saves most of the vocabulary's work. Default: all N·K·T get logits.
   */
  readonly lossPositions?: number;
}

export const loccaSchema = consistent<LoccaSettings>(
  settings<LoccaSettings>({
    tasks: optional(listOf(oneOf(LOCCA_TASKS), 1)),
    taskWeights: optional(
      settings<NonNullable<LoccaSettings['taskWeights']>>({
        captioning: optional(atLeastZero),
        referring: optional(atLeastZero),
        groundedCaptioning: optional(atLeastZero),
      }),
    ),
    average: optional(oneOf(TOKEN_AVERAGES)),
    rows: optional(count),
    lossPositions: optional(count),
  }),
  ({ tasks = LOCCA_TASKS }) =>
    new Set(tasks).size < tasks.length
      ? `tasks are [${tasks.join(', ')}]; each may be named once`
      : undefined,
);

/** The decoder's loss as a part of an objective: add `loss` (the paper's weight is that of the sigmoid loss, 1). */
export interface Locca {
  /** Weighted sum of the tasks' losses, a scalar. */
  readonly loss: Tensor;
  /** Mean loss of each task in nats per token: `captioning`, `referring`, `groundedCaptioning`. */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /**
   * `decoder_ids` and `decoder_weights` [N·K, T], `decoder_parallel` [N·K] and, where positions are listed,
   * `decoder_positions` [P]; `loccaBatch` makes them.
   */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The given table with the decoder added, under `decoder.`. */
  readonly parameters: ParameterTable;
}

function declareInputs(rows: number, length: number, positions: number | undefined) {
  return {
    decoder_ids: input('decoder_ids', 'int32', [rows, length]),
    decoder_weights: input('decoder_weights', 'float32', [rows, length]),
    decoder_parallel: input('decoder_parallel', 'int32', [rows]),
    ...(positions !== undefined && { decoder_positions: input('decoder_positions', 'int32', [positions]) }),
  };
}

/** Losses of the listed positions, 0 elsewhere: [M]. */
function lossesAt(
  positions: Tensor,
  hidden: Tensor,
  targets: Tensor,
  losses: (hidden: Tensor, targets: Tensor) => Tensor,
): Tensor {
  const count = staticDim(hidden.shape[0]);
  const listed = positions.shape[0]!;
  const some = losses(
    gather(hidden, positions),
    reshape(gather(reshape(targets, [count, 1]), positions), [listed]),
  );
  return reshape(scatterAdd(positions, reshape(some, [listed, 1]), count), [count]);
}

/**
 * LocCa's loss (paper §2.2; LocCa): the decoder learns each image's caption, the box of a text and the text of a
 * box, from the un-pooled image tokens.
 *
 * The paper's three decoder passes are one batch with K rows per image: the keys and values of the image tokens, a
 * third of a pass's operations at 256 tokens, are then computed and kept once instead of three times (planned for B/16
 * with a vocabulary of 32,000: 17 % fewer operations and 14 % less memory), and the products are larger. Memory cannot
 * be more: the backward pass needs the activations of all three passes either way.
 * @param image tokens of N images (`vision.tokens`; NaFlex: with `pixel_attention_mask`)
 * @param parameters the model's table
 * @throws RangeError naming the setting that is out of its range
 * @example
 * const config = variantConfig('B/16');
 * const tokens = input('tokens', 'float32', [8, 196, config.vision.hiddenSize]);
 * const { loss } = locca({ tokens }, loccaDecoderConfig(config));
 */
export function locca(
  image: ImageTokens,
  config: LoccaDecoderConfig,
  loccaSettings: LoccaSettings = {},
  parameters: ParameterTable = new Map(),
): Locca {
  check('locca', loccaSchema, loccaSettings);
  assertLoccaDecoderConfig(config);
  const { tasks = LOCCA_TASKS, taskWeights = {}, average = 'tokens', lossPositions } = loccaSettings;
  const images = staticDim(image.tokens.shape[0], 'the number of images');
  const { length, hiddenSize } = config;
  const rows = images * tasks.length;
  const positions = rows * length;
  const inputs = declareInputs(rows, length, lossPositions);
  const scope = parameterScope(parameters, LOCCA_DECODER);
  const texts = { ids: inputs.decoder_ids, parallel: inputs.decoder_parallel };
  const hidden = reshape(loccaDecoder(scope, texts, image, config), [positions, hiddenSize]);
  const projection = vocabularyProjection(scope, config);
  const crossEntropy = (states: Tensor, ids: Tensor) =>
    vocabularyCrossEntropy({ hidden: states, ...projection, targets: ids }, loccaSettings.rows);
  const targets = reshape(inputs.decoder_ids, [positions]);
  const losses = inputs.decoder_positions
    ? lossesAt(inputs.decoder_positions, hidden, targets, crossEntropy)
    : crossEntropy(hidden, targets);

  const byTask = (x: Tensor) => reshape(x, [images, tasks.length, length]);
  const means = averageByTask(byTask(losses), byTask(inputs.decoder_weights), average);
  const parts = tasks.map((_, k) => reshape(slice(means, 0, k, k + 1), []));
  return {
    loss: parts.map((part, k) => mul(part, scalar(taskWeights[tasks[k]!] ?? 1))).reduce(add),
    metrics: Object.fromEntries(tasks.map((task, k) => [task, parts[k]!])),
    inputs,
    parameters,
  };
}
