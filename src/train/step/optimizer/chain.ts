import { sub, type Tensor } from '../../../tensor/index.ts';
import { sameShape } from '../../../tensor/shape.ts';
import type { Moment } from './moments.ts';
import type { Transform, Transformed, UpdateSite } from './transform.ts';

/** Numbers that change from step to step. */
export type StepScalars = NonNullable<Transform['scalars']>;

/** One parameter in a graph of one update. */
export interface MoveSite extends Omit<UpdateSite, 'scalars'> {
  readonly gradient: Tensor;
  /** This step's values. */
  readonly scalarsOf: (source: StepScalars) => readonly Tensor[];
  /** The optimizer's first weight decay, of whatever parameters; 0 where it has none. */
  readonly kernelDecay: number;
  /** What is the same for several parameters: built when it is first asked for. */
  readonly once: (key: string, build: () => Tensor) => Tensor;
}

/** A parameter's next value and moments. */
export interface Moved {
  readonly next: Tensor;
  readonly moments: Partial<Readonly<Record<Moment, Tensor>>>;
}

/** How a rule moves a parameter. */
export interface Move {
  readonly moments: readonly Moment[];
  readonly scalars: readonly StepScalars[];
  readonly apply: (site: MoveSite) => Moved;
}

/** What a transform gives, if it is what it says. @throws Error naming what is missing or has another shape */
function checked({ name, moments: kept = [] }: Transform, given: Transformed, site: MoveSite): Transformed {
  const where = `the transform ${name}, on ${site.path},`;
  const parts = [['update', given.update] as const, ...Object.entries(given.moments ?? {})];
  for (const [part, tensor] of parts) {
    if (!sameShape(tensor.shape, site.parameter.shape)) {
      const [is, wanted] = [tensor.shape, site.parameter.shape].map((shape) => `[${shape.join(', ')}]`);
      throw new Error(`${where} gives ${is} as ${part}; it must be ${wanted}`);
    }
  }
  const returned = Object.keys(given.moments ?? {});
  if (returned.toSorted().join() !== kept.toSorted().join())
    throw new Error(`${where} keeps [${kept.join(', ')}] and gives [${returned.join(', ')}]`);
  return given;
}

/** Transforms one after the other, as they are written; then the update is subtracted. */
export function chainMove(chain: readonly Transform[]): Move {
  return {
    moments: chain.flatMap(({ moments = [] }) => moments),
    scalars: chain.flatMap(({ scalars }) => scalars ?? []),
    apply(site) {
      let update = site.gradient;
      let moments: Moved['moments'] = {};
      for (const transform of chain) {
        const { scalars } = transform;
        const at = { ...site, scalars: scalars ? site.scalarsOf(scalars) : [] };
        const given = checked(transform, transform.apply(update, at), site);
        update = given.update;
        moments = { ...moments, ...given.moments };
      }
      return { next: sub(site.parameter, update), moments };
    },
  };
}
