import { matmulFlops } from '../src/tensor/cost/flops.ts';
import { alternate, type Lane } from './alternate.ts';
import { type Comparison, compareResults, numbers } from './comparison.ts';
import type { Client } from './engines/client.ts';
import type { Engine, EngineName } from './engines/engines.ts';
import type { Settings, TaskName } from './engines/task.ts';
import type { LaneResult, RowResult } from './result.ts';
import type { BenchFiles } from './setup.ts';
import type { BenchSizes } from './sizes.ts';
import { median, pairedRatio } from './stats.ts';

/** What every row is given. */
export interface Context {
  readonly sizes: BenchSizes;
  readonly files: BenchFiles;
  readonly engines: readonly Engine[];
  readonly threads: number;
}

/** A row whose engines repeat one task in turn. */
export interface Spec<Name extends TaskName> {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly task: Name;
  readonly engines: readonly EngineName[];
  settings(engine: EngineName): Settings<Name>;
  readonly rounds: number;
  readonly repeats?: number;
  /** The row's figure from the cost of a run in ms. */
  value(ms: number): number;
  /** Floating-point operations of one run; then the matmul rate is measured in the same rounds. */
  readonly flops?: number;
  /** Engines whose results must equal ours. Where those of others do not, the row says so. */
  readonly equal?: readonly EngineName[];
  /** Default: numbers that differ by the order in which they were added up. */
  readonly comparison?: Comparison;
}

/** Engines add up in different orders; a training step's loss is the sum of many. A wrong model is off by far more. */
const SUMS = numbers(1e-3);
/**
 * Products of matrices are repeated for as long as a run of ours lasts, at most this long: clocks change within
 * seconds, and a burst of milliseconds after a pause would be faster than anything that goes on.
 */
const MATMUL_MS = 2000;

const matmulName = ([m, k, n]: readonly [number, number, number]) => `matmul ${m}×${k}×${n}`;

async function matmulLanes(client: Client, { sizes, threads }: Context): Promise<Lane[]> {
  const lasting = Math.min(MATMUL_MS, (await client.run('task')).ms);
  const lanes: Lane[] = [];
  for (const shape of sizes.matmuls) {
    const [m, k, n] = shape;
    const name = matmulName(shape);
    const run = async () => (await client.run(name)).ms;
    await client.prepare(name, 'matmul', { m, k, n, threads });
    lanes.push({ name, run, repeats: Math.max(1, Math.round(lasting / (await run()))) });
  }
  return lanes;
}

/** Each round's best rate of the measured products, in GFLOP/s. */
function matmulRates(costs: ReadonlyMap<string, readonly number[]>, { sizes }: Context): number[] {
  const rates = sizes.matmuls.map((shape) =>
    costs.get(matmulName(shape))!.map((ms) => matmulFlops(...shape) / 1e6 / ms),
  );
  return rates[0]!.map((_, round) => Math.max(...rates.map((ofShape) => ofShape[round]!)));
}

/** Runs a row. @throws Error when an engine fails or its result is not ours. */
export async function sideBySide<Name extends TaskName>(
  context: Context,
  spec: Spec<Name>,
): Promise<RowResult> {
  const taking = context.engines.filter(({ name }) => spec.engines.includes(name));
  const present = taking.filter(({ install }) => install === undefined);
  const clients = new Map<EngineName, Client>();
  try {
    const results = new Map<EngineName, readonly number[]>();
    for (const engine of present) {
      const client = engine.start(context.threads);
      clients.set(engine.name, client);
      results.set(engine.name, (await client.prepare('task', spec.task, spec.settings(engine.name))).result);
    }
    const { comparison = SUMS, equal } = spec;
    const { differences, notes } = compareResults(spec.id, results, comparison, equal);
    const lanes: Lane[] = [...clients].map(([name, client]) => ({
      name,
      run: async () => (await client.run('task')).ms,
      repeats: spec.repeats,
    }));
    if (spec.flops !== undefined) lanes.push(...(await matmulLanes(clients.get('ours')!, context)));
    const costs = await alternate(lanes, spec.rounds);
    const ours = costs.get('ours')!;
    const compared = (name: EngineName): LaneResult => ({
      engine: name,
      costs: [...costs.get(name)!],
      value: spec.value(median(costs.get(name)!)),
      ...(name !== 'ours' && { ratio: pairedRatio(ours, costs.get(name)!) }),
      // JSON has no infinity; the notes say what is wrong then.
      ...(name !== 'ours' && Number.isFinite(differences.get(name)) && { difference: differences.get(name) }),
    });
    return {
      id: spec.id,
      title: spec.title,
      unit: spec.unit,
      lanes: taking.map(({ name, install }) =>
        install === undefined ? compared(name) : { engine: name, missing: install, costs: [] },
      ),
      ...(notes.length > 0 && { note: notes.join('; ') }),
      ...(spec.flops !== undefined && { compute: compute(spec.flops, ours, matmulRates(costs, context)) }),
    };
  } finally {
    await Promise.all([...clients.values()].map((client) => client.stop()));
  }
}

/** The share is the median over rounds: both rates of a round met the same clocks. */
function compute(
  flops: number,
  costs: readonly number[],
  matmulRates: readonly number[],
): RowResult['compute'] {
  const gflop = flops / 1e9;
  const rates = costs.map((ms) => (gflop / ms) * 1000);
  const share = median(rates.map((rate, round) => rate / matmulRates[round]!));
  return { gflop, gflops: median(rates), matmulGflops: median(matmulRates), share };
}
