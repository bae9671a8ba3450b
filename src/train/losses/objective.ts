import type { Initializer, ParameterTable } from '../../nn/parameters.ts';
import type { Tensor } from '../../tensor/index.ts';

/** A value that a step hands to the next without the optimizer: a teacher's parameter, a centre. */
export interface Carried {
  /** The graph input that holds it: float32, static shape. The loss may read it; no gradient flows into it. */
  readonly tensor: Tensor;
  /** Where it starts: a copy of a parameter's value at that moment, or drawn. */
  readonly initial: { readonly kind: 'copyOf'; readonly parameter: string } | Initializer;
  /**
   * Its next value, of the same shape, given every parameter's value after the optimizer's update (for a frozen one:
   * its value). It may read the value it has now, the batch and all that the loss is computed from.
   */
  readonly next: (updated: ReadonlyMap<string, Tensor>) => Tensor;
}

/** What a loss moves and hands on, however it is computed. */
export interface Trained {
  readonly parameters: ParameterTable;
  /** What steps hand on besides parameters, by the name under which the state holds it. */
  readonly carried?: ReadonlyMap<string, Carried>;
  /** Which parameters stay as they are: no gradient, no moments, no update, and no copy. Default: none. */
  readonly frozen?: (parameterName: string) => boolean;
  /** What a user should know of a step's metrics, without numbers, as it is shown once; undefined where all is well. */
  readonly notice?: (metrics: Readonly<Record<string, number>>) => string | undefined;
}

/** A loss to train: what it is computed from and the parameters it moves. */
export interface Objective extends Trained {
  /** Batch inputs by name, with static shapes. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly loss: Tensor;
  /** Scalars to report. */
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** The parameters that an objective moves. */
export const trainable = ({ parameters, frozen }: Trained): ParameterTable =>
  new Map([...parameters].filter(([name]) => !frozen?.(name)));

/** The parameters that an objective reads and does not move. */
export const frozenParameters = ({ parameters, frozen }: Trained): ParameterTable =>
  new Map([...parameters].filter(([name]) => frozen?.(name)));
