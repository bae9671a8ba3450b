import { sizeOf, staticDim, type Tensor } from '../../../tensor/index.ts';
import { topologicalOrder } from '../../../tensor/tensor.ts';
import { type Objective, type Trained, trainable } from '../../losses/objective.ts';
import { missed } from '../optimizer/optimizer.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';

/** One place at which an objective reads rows of a table. */
export interface RowReading {
  /** The rows, [..., d]. */
  readonly rows: Tensor;
  /** Name of the batch input that holds the ids. */
  readonly ids: string;
}

/** A parameter of which a step reads few rows: a token table. */
export interface SparseTable {
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly readings: readonly RowReading[];
  /** The most different rows that a batch can read. */
  readonly slots: number;
}

/** What is computed from which inputs of a batch. */
export interface Readable extends Trained {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  /** The first axis of an input in the whole batch, where it is read in chunks. A chunk need not divide it. */
  readonly items?: (input: string) => number;
}

/** The readable part of an objective that is computed at once. */
export const readableOf = ({ loss, metrics, ...objective }: Objective): Readable => ({
  ...objective,
  outputs: [loss, ...Object.values(metrics)],
});

/**
 * 64 MB. Measured with B's two towers and 8 pairs: a table of 12 MB makes no difference, one of 123 MB (40,000 × 768)
 * takes 0.1 s of 5.2 less by rows, one of 786 MB (256,000 × 768) far less.
 */
const WORTHWHILE = 2 ** 24;

/**
 * The tables that can be updated row by row: trained, by Adam without weight decay (which moves every row), and read in no
 * other way than by ids that are an input of the batch, so that the rows are known before the step runs.
 * @param wanted true: all that can be; undefined: those that are large, and of which a batch reads at most a quarter
 */
export function findRowTables(
  objective: Readable,
  optimizer: AnyOptimizer,
  wanted: boolean | undefined,
): SparseTable[] {
  if (wanted === false) return [];
  const readings = readingsOf(objective);
  return [...trainable(objective)].flatMap(([name, { tensor, shape }]) => {
    const found = readings.get(tensor);
    const [rows, width] = shape;
    if (!found || rows === undefined || width === undefined || !missed(name, optimizer)) return [];
    const ids = found.reduce((total, { ids }) => total + sizeOf(idsShape(ids, objective)), 0);
    if (wanted === undefined && (rows * width < WORTHWHILE || 4 * ids > rows)) return [];
    return [{ name, shape: [rows, width] as const, readings: found, slots: Math.min(rows, ids) }];
  });
}

/** Shape of the ids in a whole batch. */
export function idsShape(name: string, { inputs, items }: Readable): number[] {
  const [first, ...item] = inputs[name]!.shape.map((dim) => staticDim(dim));
  return first === undefined ? [] : [items?.(name) ?? first, ...item];
}

/** How each parameter is read, for those that are only read by ids of the batch. */
function readingsOf(objective: Readable): Map<Tensor, RowReading[]> {
  const { parameters, inputs, carried } = objective;
  const names = new Map(Object.entries(inputs).map(([name, tensor]) => [tensor, name]));
  const values = new Map([...parameters].map(([name, { tensor }]) => [name, tensor]));
  const handedOn = [...(carried?.values() ?? [])].map(({ next }) => next(values));
  const outputs = [...objective.outputs, ...handedOn];
  const readings = new Map<Tensor, RowReading[]>();
  const otherwise = new Set<Tensor>(outputs);
  for (const node of topologicalOrder(outputs)) {
    const [table, ids] = node.inputs;
    const name = ids && names.get(ids);
    if (node.primitive.name === 'gather' && name !== undefined && ids!.dtype === 'int32') {
      readings.set(table!, [...(readings.get(table!) ?? []), { rows: node.outputs[0]!, ids: name }]);
      otherwise.add(ids!);
    } else for (const input of node.inputs) otherwise.add(input);
  }
  for (const tensor of otherwise) readings.delete(tensor);
  return readings;
}
