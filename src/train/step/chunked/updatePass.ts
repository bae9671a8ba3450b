import { input } from '../../../tensor/index.ts';
import type { ChunkedObjective } from '../../losses/chunkedObjective.ts';
import { trainable } from '../../losses/objective.ts';
import { optimizerScalars } from '../optimizer/optimizer.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import { allocate, type Buffers, prefixed } from '../state/buffers.ts';
import { createPass, otherBuffer, type SideIndex } from '../state/doubleBuffer.ts';
import { type UpdateGraph, updateFrom } from '../updateGraph.ts';
import type { Parts } from './parts.ts';

/** The update as a graph whose inputs are the gradients, `gradient.…`. */
export function gradientUpdate(objective: ChunkedObjective, optimizer: AnyOptimizer): UpdateGraph {
  const gradients = [...trainable(objective)].map(([name, { shape }]) =>
    input(`gradient.${name}`, 'float32', shape),
  );
  return updateFrom(objective, gradients, optimizer);
}

/**
 * Compiles the optimizer alone, from the summed gradients.
 * @param ownNext where the next values go that no side holds
 */
export async function createUpdate(
  { sides, fixed, gradients, options }: Parts,
  { next, reported, scalars }: UpdateGraph,
  optimizer: AnyOptimizer,
  ownNext: Buffers,
) {
  const stepScalars = optimizerScalars(0, 0, optimizer);
  const reports = allocate(reported);
  const pass = await createPass(
    { ...prefixed('next.', next), ...prefixed('report.', reported) },
    sides,
    { ...prefixed('gradient.', gradients), ...fixed, [scalars]: stepScalars },
    (side) => ({
      ...prefixed('next.', { ...sides[otherBuffer(side)], ...ownNext }),
      ...prefixed('report.', reports),
    }),
    options,
  );
  return {
    reports,
    async run(step: number, schedule: number, side: SideIndex): Promise<void> {
      stepScalars.data.set(optimizerScalars(step, schedule, optimizer).data);
      await pass.run(side);
    },
    dispose: () => pass.dispose(),
  };
}
