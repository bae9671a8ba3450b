import type { ParameterTable } from '../../src/nn/parameters.ts';
import { compile, input, type NdArray, zeros } from '../../src/tensor/index.ts';
import { firstMoment, secondMoment } from '../../src/train/step/optimizer/moments.ts';
import { optimizerGraph, optimizerScalars } from '../../src/train/step/optimizer/optimizer.ts';
import type { AnyOptimizer } from '../../src/train/step/optimizer/rules.ts';

export interface Replayed {
  readonly gradientNorm: number;
  /** Parameters and moments after the step. */
  readonly state: ReadonlyMap<string, NdArray>;
}

/**
 * Every step of an optimizer on a fixture's gradients (`step.{i}.gradient.KEY`), from its parameters (`initial.KEY`) and
 * no moments.
 * @param names of the parameters, by their keys in the fixture
 * @param schedule the schedule's factor of each step
 */
export async function replay(
  fixture: ReadonlyMap<string, NdArray>,
  names: Readonly<Record<string, string>>,
  config: AnyOptimizer,
  schedule: readonly number[],
): Promise<Replayed[]> {
  const table: ParameterTable = new Map(
    Object.entries(names).map(([key, name]) => {
      const { shape } = fixture.get(`initial.${key}`)!;
      return [name, { tensor: input(name, 'float32', shape), shape, initializer: { kind: 'zeros' } }];
    }),
  );
  const gradients = [...table].map(([name, { shape }]) => input(`gradient.${name}`, 'float32', shape));
  const { updates, gradientNorm, scalars } = optimizerGraph(table, gradients, config);
  const session = await compile({
    outputs: {
      norm: gradientNorm,
      ...Object.fromEntries(Object.entries(updates).map(([name, tensor]) => [`next.${name}`, tensor])),
    },
  });
  let state = new Map<string, NdArray>();
  for (const [key, name] of Object.entries(names)) {
    const initial = fixture.get(`initial.${key}`)!;
    state.set(name, initial);
    for (const moment of [firstMoment(name), secondMoment(name)])
      if (moment in updates) state.set(moment, zeros('float32', initial.shape));
  }
  const steps: Replayed[] = [];
  for (const [step, factor] of schedule.entries()) {
    const given = Object.entries(names).map(
      ([key, name]) => [`gradient.${name}`, fixture.get(`step.${step}.gradient.${key}`)!] as const,
    );
    const result = await session.run({
      ...Object.fromEntries([...state, ...given]),
      [scalars]: optimizerScalars(step, factor, config),
    });
    state = new Map([...state.keys()].map((name) => [name, result[`next.${name}`]!]));
    steps.push({ gradientNorm: Number(result['norm']!.data[0]), state });
  }
  await session.dispose();
  return steps;
}
