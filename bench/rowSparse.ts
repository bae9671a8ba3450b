/**
 * One update of a text tower whose token table is updated row by row, beside the same update of the whole table:
 *
 *     npx tsx bench/rowSparse.ts            SigLIP 2's table, 256,000 × 768; 8 texts of 64 tokens; takes 10 GB
 *     npx tsx bench/rowSparse.ts --quick    a small table: shows that the measurement works
 *
 * Both steps start from one state, see the same batches and run in turn. At the end their states are compared.
 */
import { styleText } from 'node:util';
import { textTower } from '../src/model/textTower.ts';
import { variantConfig } from '../src/model/variants.ts';
import { type ParameterTable, parameterScope } from '../src/nn/parameters.ts';
import { type Arrays, input, int32, type NdArray, sumSquares, zeros } from '../src/tensor/index.ts';
import { createRandom } from '../src/tensor/random.ts';
import { stepMemory } from '../src/train/cost/stepCost.ts';
import type { Objective } from '../src/train/losses/objective.ts';
import { createStep } from '../src/train/step/createStep.ts';
import { PAPER_OPTIMIZER } from '../src/train/step/optimizer/config.ts';
import { initialState, type TrainState } from '../src/train/step/state/state.ts';
import type { TrainStep } from '../src/train/step/trainStep.ts';
import { alternate } from './alternate.ts';
import { median } from './stats.ts';

const quick = process.argv.includes('--quick');
const base = variantConfig('google/siglip2-base-patch16-224').text;
/** One block: what the table costs is not to drown in what the tower costs. */
const config = quick
  ? {
      ...base,
      layers: 1,
      hiddenSize: 64,
      intermediateSize: 128,
      projectionSize: 64,
      heads: 4,
      vocabSize: 20_000,
    }
  : { ...base, layers: 1, vocabSize: 256_000 };
const TEXTS = 8;
const ROUNDS = quick ? 3 : 9;
const GB = 1e9;

function objective(): Objective {
  const parameters: ParameterTable = new Map();
  const input_ids = input('input_ids', 'int32', [TEXTS, config.length]);
  const { pooled } = textTower(parameterScope(parameters), input_ids, config);
  return { parameters, inputs: { input_ids }, loss: sumSquares(pooled), metrics: {} };
}

/** Tokens as they occur: few often, most rarely (Zipf: the logarithm of a rank is uniform). */
function batchAt(step: number): Arrays {
  const random = createRandom(0, 'tokens', String(step));
  const draw = () => Math.min(Math.floor(config.vocabSize ** random.next()), config.vocabSize - 1);
  return {
    input_ids: int32([TEXTS, config.length], Int32Array.from({ length: TEXTS * config.length }, draw)),
  };
}

/** Drawing 200 million normal numbers takes a minute; a sawtooth does. */
function start(of: Objective): TrainState {
  const drawn = new Map<string, NdArray<'float32'>>();
  for (const [name, { shape }] of of.parameters) {
    if (!name.endsWith('token_embedding.weight')) continue;
    const array = zeros('float32', shape);
    for (let i = 0; i < array.data.length; i++) array.data[i] = ((i % 1009) / 1009 - 0.5) * 0.1;
    drawn.set(name, array);
  }
  return initialState(of, 0, drawn);
}

const settings = { ...PAPER_OPTIMIZER, epsilon: 1e-6 };

/** A step, and how far resident memory rose while it was made and ran once. */
async function measured(sparse: boolean, state: TrainState) {
  const before = process.memoryUsage.rss();
  const step = await createStep(objective(), settings, state, { sparse });
  await step.run(batchAt(0), 0, 1);
  return { step, growth: process.memoryUsage.rss() - before };
}

function difference(a: TrainState, b: TrainState): number {
  let worst = 0;
  for (const [name, { data }] of a) {
    if (name.includes('moment')) continue;
    const other = b.get(name)!.data;
    for (let i = 0; i < data.length; i++) worst = Math.max(worst, Math.abs(data[i]! - other[i]!));
  }
  return worst;
}

const of = objective();
const state = start(of);
const sparse = await measured(true, state);
const dense = await measured(false, state);
const counts = new Map<TrainStep, number>();
const lane = (name: string, { step }: { readonly step: TrainStep }) => ({
  name,
  async run() {
    const count = (counts.get(step) ?? 0) + 1;
    counts.set(step, count);
    const from = performance.now();
    await step.run(batchAt(count), count, 1);
    return performance.now() - from;
  },
});
const costs = await alternate([lane('rows', sparse), lane('whole', dense)], ROUNDS);
const from = performance.now();
const rowState = sparse.step.state();
const flushed = performance.now() - from;

console.log(
  styleText(
    'bold',
    `Table ${config.vocabSize} × ${config.hiddenSize}, ${TEXTS * config.length} tokens a batch`,
  ),
);
for (const [name, byRows, { growth }] of [
  ['rows', true, sparse],
  ['whole', false, dense],
] as const) {
  const estimated = stepMemory(of, settings, byRows).total;
  console.log(
    `${name.padEnd(6)} ${median(costs.get(name)!).toFixed(1).padStart(8)} ms a step` +
      `   ${(growth / GB).toFixed(2)} GB (estimated ${(estimated / GB).toFixed(2)})`,
  );
}
console.log(`bringing all rows up to date for a saved state: ${flushed.toFixed(0)} ms`);
console.log(
  `largest difference of a parameter: ${difference(rowState, dense.step.state()).toExponential(1)}`,
);
await sparse.step.dispose();
await dense.step.dispose();
