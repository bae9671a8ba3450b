import type { BatchMaker } from '../../data/batches/batchSource.ts';
import type { BatchEncoder, DrawnSample } from '../../data/batches/pairBatches.ts';
import type { PieceEncoder } from '../../input/text/locca/encode.ts';
import type { LoccaFormat } from '../../input/text/locca/format.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { TwoTowers } from '../../model/twoTowers.ts';
import type { Arrays, Tensor } from '../../tensor/index.ts';
import type { Rules } from '../../tensor/settings.ts';
import type { Carried, Trained } from './objective.ts';

/** Images and texts of a batch, and its NaFlex sequence length. */
export interface LossBatch {
  readonly images: number;
  readonly texts: number;
  readonly length?: number;
}

/** What a loss is built on: the towers of one stage, on one batch. */
export interface LossContext {
  /** The stage's name, for messages. */
  readonly stage: string;
  /** The names of all losses of the stage. */
  readonly losses: readonly string[];
  readonly config: ModelConfig;
  /** Both towers on the batch's pairs. A loss adds its own parameters to `model.parameters`. */
  readonly model: TwoTowers;
  readonly batch: LossBatch;
}

/** Losses that are weighted and added first, and multiplied by one factor then. */
export interface LossGroup {
  readonly name: string;
  readonly factor: number;
}

/** What a loss adds to an objective. */
export interface LossPart {
  /** The loss without its weight, a scalar. It is reported by the loss's name. */
  readonly loss: Tensor;
  /** More scalars to report, by names that no other loss has. */
  readonly metrics?: Readonly<Record<string, Tensor>>;
  /** Batch inputs beside the pairs, with static shapes: {@link Loss.batch} makes their arrays. */
  readonly inputs?: Readonly<Record<string, Tensor>>;
  /** What its steps hand on, such as a teacher. */
  readonly carried?: ReadonlyMap<string, Carried>;
  /** What a user should know of a step's metrics; see {@link Trained.notice}. */
  readonly notice?: Trained['notice'];
  /** Its factor in the sum, where settings of its own say that. Default: the loss's. */
  readonly weight?: number;
  readonly group?: LossGroup;
}

/** The batch that a loss's arrays are made for. */
export interface LossRequest {
  readonly stage: string;
  readonly losses: readonly string[];
  readonly config: ModelConfig;
  readonly seed: number;
  /** The update: what is drawn depends on it and the seed alone. */
  readonly step: number;
  /** Images of the batch. */
  readonly images: number;
  readonly tokenizer: BatchEncoder & PieceEncoder;
  /** How the decoder's texts are written. Default: LocCa's. */
  readonly format?: LoccaFormat | undefined;
}

/**
 * A loss that a stage may name: one object in one file, known to every part of training once it is registered
 * (`registerLoss`). docs/extending.md has a whole example.
 */
export interface Loss<Settings extends object = object> {
  /** In `StageSpec.losses`, the log, TensorBoard, the report, the progress line and the cost. */
  readonly name: string;
  /** Its factor in the sum of a stage's losses, where the timeline says none. */
  readonly weight: number;
  /** A rule for each setting that a timeline may give in `lossSettings`, beside `weight`. Default: there are none. */
  readonly settings?: Rules<Settings>;
  /** Those of its metrics that the progress line shows as parts of the loss, in order. Default: its name. */
  readonly parts?: readonly string[];
  /**
   * The loss on a batch, as a graph.
   * @throws RangeError where the stage has nothing that it could be computed from, naming the stage
   */
  objective(context: LossContext, settings: Settings): LossPart;
  /**
   * Makes the arrays that it reads beside the pairs (pixels, `input_ids`, `image_ids` and `text_ids`), from the batch's
   * samples one after another: a pure function of request, settings and samples. Losses that read the same arrays may
   * give one maker, which is then filled once.
   */
  batch?(request: LossRequest, settings: Settings): BatchMaker<Arrays, DrawnSample>;
}
