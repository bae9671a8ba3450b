import type { Tensor } from '../../../tensor/index.ts';
import { callback, listOf, oneOf, optional, settings, text } from '../../../tensor/settings.ts';
import type { Moment } from './moments.ts';

/** What a transform may read about the parameter whose update it changes. */
export interface UpdateSite {
  /** The parameter's name. */
  readonly path: string;
  /** Its value before the update. */
  readonly parameter: Tensor;
  /** Norm of all gradients together as the loss gave them, a scalar. */
  readonly gradientNorm: Tensor;
  /** The schedule's factor of this step, a scalar, 0 … 1. */
  readonly schedule: Tensor;
  /** This step's values of {@link Transform.scalars}, each a scalar. */
  readonly scalars: readonly Tensor[];
  /** A moment as the last step left it, zeros at first. @throws Error when the transform keeps no such moment */
  readonly moment: (moment: Moment) => Tensor;
}

/** What a transform makes of an update. */
export interface Transformed {
  /** Of the parameter's shape. What the last transform gives is subtracted from the parameter. */
  readonly update: Tensor;
  /** Next values of the moments that it keeps. */
  readonly moments?: Partial<Readonly<Record<Moment, Tensor>>>;
}

/**
 * One idea of an optimizer: takes the update of a parameter, at first its gradient, and gives another (optax's
 * `GradientTransformation`). It describes a graph, once for each parameter; the numbers come when a step runs.
 * @example
 * const signDescent: Transform = {
 *   name: 'signDescent',
 *   apply: (update) => ({ update: sign(update) }),
 * };
 */
export interface Transform {
  readonly name: string;
  /** What it keeps of a parameter. Default: nothing. */
  readonly moments?: readonly Moment[];
  /**
   * Numbers that change from step to step, always as many.
   * @param step updates done before, from 0
   * @param schedule the schedule's factor
   */
  readonly scalars?: (step: number, schedule: number) => readonly number[];
  readonly apply: (update: Tensor, at: UpdateSite) => Transformed;
}

export const transformSchema = settings<Transform>({
  name: text,
  moments: optional(listOf(oneOf(['first_moment', 'second_moment']))),
  scalars: optional(callback()),
  apply: callback(),
});

/** Transforms of one kind, whose settings can be read off them: what joins a chain into fewer operations needs them. */
export interface TransformKind<Settings> {
  readonly make: (settings: Settings) => Transform;
  /** Undefined for a transform of another kind, such as a changed copy. */
  readonly settingsOf: (transform: Transform | undefined) => Settings | undefined;
}

export function transformKind<Settings>(build: (settings: Settings) => Transform): TransformKind<Settings> {
  const made = new WeakMap<Transform, Settings>();
  return {
    make(settings) {
      const transform = build(settings);
      made.set(transform, settings);
      return transform;
    },
    settingsOf: (transform) => transform && made.get(transform),
  };
}
