import type { ParameterTable } from '../../nn/parameters.ts';
import { graphFlops } from '../../tensor/cost/flops.ts';
import { bytesOf, peakIntermediates, runtimeBytes } from '../../tensor/cost/memory.ts';
import { sizeOf, type Tensor } from '../../tensor/index.ts';
import { type ChunkedObjective, type ChunkedTower, towersOf } from '../losses/chunkedObjective.ts';
import { trainable } from '../losses/objective.ts';
import { chunksOf } from '../step/chunked/chunks.ts';
import { lossGradients } from '../step/chunked/lossPass.ts';
import { towerGradients } from '../step/chunked/towerPass.ts';
import { gradientUpdate } from '../step/chunked/updatePass.ts';
import { momentBytes } from '../step/optimizer/optimizer.ts';
import type { AnyOptimizer } from '../step/optimizer/rules.ts';
import { chunkedRows } from '../step/sparse/chunkedRows.ts';
import { rowsForTables } from '../step/sparse/rowForm.ts';
import { splitNext } from '../step/sparse/rowInputs.ts';
import type { StepMemory } from './stepMemory.ts';

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, n) => total + n, 0);
const sumBytes = (tensors: Iterable<Tensor>): number => sum([...tensors].map(bytesOf));
const chunkSize = ({ embeddings }: ChunkedTower): number => embeddings.shape[0] as number;

/** One compiled graph of a step. */
interface Graph {
  readonly outputs: readonly Tensor[];
  /** How often a step runs it. */
  readonly runs: number;
}

/** The graphs that have products of matrices: forward and backward of each tower, and the loss. */
function graphsOf(objective: ChunkedObjective): Graph[] {
  const { byImages, byTexts, byParameter } = lossGradients(objective);
  const blocks = objective.images.count / (objective.loss.images.shape[0] as number);
  return [
    ...towersOf(objective).flatMap((tower) => {
      const runs = chunksOf(tower.count, chunkSize(tower)).length;
      const gradients = Object.values(towerGradients(tower, objective));
      return [
        { outputs: [tower.embeddings], runs },
        { outputs: gradients, runs: gradients.length > 0 ? runs : 0 },
      ];
    }),
    { outputs: [objective.loss.loss, byImages, byTexts, ...Object.values(byParameter)], runs: blocks },
  ];
}

/** The whole batch's inputs: of a chunk or block, as often as it goes into the batch. */
function batchBytes(objective: ChunkedObjective): number {
  const { imageInputs, textInputs, images } = objective.loss;
  const perImage = sumBytes(Object.values(imageInputs)) / (images.shape[0] as number);
  const ofTowers = towersOf(objective).map(
    // Divided first: a chunk has whole items, and need not divide the batch.
    (tower) => tower.count * (sumBytes(Object.values(tower.inputs)) / chunkSize(tower)),
  );
  return sum(ofTowers) + perImage * objective.images.count + sumBytes(Object.values(textInputs));
}

/**
 * The memory of a step in chunks. `activations` holds what each graph keeps for itself, and all embeddings with their
 * gradients; `gradients` the sums and the terms of one chunk.
 * @param sparse as for the step (see `StepOptions`)
 */
export function chunkedMemory(
  whole: ChunkedObjective,
  optimizer: AnyOptimizer,
  sparse?: boolean,
): StepMemory {
  const { objective, tables } = rowsForTables(chunkedRows, whole, optimizer, sparse);
  const { next } = gradientUpdate(objective, optimizer);
  const { rows } = splitNext(next, tables);
  const ofParameters = (table: ParameterTable) => sumBytes([...table.values()].map(({ tensor }) => tensor));
  const trained = ofParameters(trainable(objective));
  const ofRows = sumBytes(Object.values(rows)) / 3;
  const carried = sumBytes([...(objective.carried?.values() ?? [])].map(({ tensor }) => tensor));
  const graphs = [...graphsOf(objective).map(({ outputs }) => outputs), Object.values(next)];
  const embeddings = towersOf(objective).map(
    ({ count, embeddings: { shape } }) => 2 * 4 * sizeOf([count, shape[1] as number]),
  );
  const { images, texts } = objective.loss;
  const activations =
    sum(graphs.map((outputs) => peakIntermediates(outputs))) +
    sum(embeddings) +
    bytesOf(texts) +
    2 * bytesOf(images);
  const parts = {
    parameters: ofParameters(whole.parameters),
    moments: momentBytes(trainable(whole), optimizer),
    carried,
    secondBuffer: sumBytes(Object.values(next)) + 6 * ofRows,
    batch: batchBytes(objective),
    gradients: 2 * trained,
    activations,
    runtime: runtimeBytes(activations),
  };
  return { ...parts, total: sum(Object.values(parts)) };
}

/** Floating-point operations of the matrix products of a step in chunks. */
export const chunkedFlops = (objective: ChunkedObjective): number =>
  sum(graphsOf(objective).map(({ outputs, runs }) => runs * graphFlops(outputs)));
