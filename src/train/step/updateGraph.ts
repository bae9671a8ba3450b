import type { Tensor } from '../../tensor/index.ts';
import { sameShape } from '../../tensor/shape.ts';
import { frozenParameters, type Trained, trainable } from '../losses/objective.ts';
import { optimizerGraph } from './optimizer/optimizer.ts';
import type { AnyOptimizer } from './optimizer/rules.ts';

/** One update as a graph. */
export interface UpdateGraph {
  /** Next values by the name that the value has in the state: what the optimizer moves, then what is carried. */
  readonly next: Readonly<Record<string, Tensor>>;
  /** Scalars to report: `loss`, `gradient_norm` and the objective's metrics. */
  readonly reported: Readonly<Record<string, Tensor>>;
  /** Name of the optimizer's per-step input. */
  readonly scalars: string;
}

/**
 * Optimizer, and then what is carried, from gradients in the order of what is trained. It reports `gradient_norm`.
 * @throws Error when nothing is trained, or a carried value collides with another name or changes its shape
 */
export function updateFrom(
  objective: Trained,
  gradients: readonly Tensor[],
  optimizer: AnyOptimizer,
): UpdateGraph {
  const trained = trainable(objective);
  if (trained.size === 0) throw new Error('every parameter is frozen: there is nothing to train');
  const { updates, gradientNorm, scalars } = optimizerGraph(trained, gradients, optimizer);
  return {
    next: { ...updates, ...carriedUpdates(objective, updates) },
    reported: { gradient_norm: gradientNorm },
    scalars,
  };
}

function carriedUpdates(
  objective: Trained,
  updates: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const { carried = new Map(), parameters } = objective;
  const fixed = frozenParameters(objective);
  const updated = new Map(
    [...parameters].map(([name, { tensor }]) => [name, fixed.has(name) ? tensor : updates[name]!] as const),
  );
  const next: Record<string, Tensor> = {};
  for (const [name, { tensor, next: advance }] of carried) {
    if (name in updates || parameters.has(name))
      throw new Error(`the carried value ${name} has the name of a parameter or of a moment: rename it`);
    const value = advance(updated);
    if (value.dtype !== 'float32' || !sameShape(value.shape, tensor.shape)) {
      throw new Error(
        `the carried value ${name} is [${tensor.shape.join(', ')}] and becomes ` +
          `${value.dtype}[${value.shape.join(', ')}]`,
      );
    }
    next[name] = value;
  }
  return next;
}
