import { input, zeros } from '../../tensor/index.ts';
import { allocate, prefixed } from '../buffers.ts';
import { trainable } from '../objective.ts';
import { type OptimizerConfig, optimizerScalars } from '../optimizer.ts';
import { createPass, otherSide, type SideIndex } from '../sides.ts';
import { type UpdateGraph, updateFrom } from '../updateGraph.ts';
import type { CachedObjective } from './objective.ts';
import type { Parts } from './parts.ts';

/** The update as a graph whose inputs are the gradients, `gradient.…`. */
export function gradientUpdate(objective: CachedObjective, optimizer: OptimizerConfig): UpdateGraph {
  const gradients = [...trainable(objective)].map(([name, { shape }]) =>
    input(`gradient.${name}`, 'float32', shape),
  );
  return updateFrom(objective, gradients, optimizer);
}

/** Compiles the optimizer alone, from the summed gradients. */
export async function createUpdate(
  { objective, sides, frozen, gradients, options }: Parts,
  optimizer: OptimizerConfig,
) {
  const { next, reported, scalars } = gradientUpdate(objective, optimizer);
  const stepScalars = zeros('float32', [3]);
  const reports = allocate(reported);
  const pass = await createPass(
    { ...prefixed('next.', next), ...prefixed('report.', reported) },
    sides,
    { ...prefixed('gradient.', gradients), ...frozen, [scalars]: stepScalars },
    (side) => ({ ...prefixed('next.', sides[otherSide(side)]), ...prefixed('report.', reports) }),
    options,
  );
  return {
    reports,
    run(step: number, schedule: number, side: SideIndex): Promise<void> {
      stepScalars.data.set(optimizerScalars(step, schedule, optimizer).data);
      return pass.run(side);
    },
    dispose: () => pass.dispose(),
  };
}
