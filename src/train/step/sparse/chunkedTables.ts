import { type NdArray, staticDim, zeros } from '../../../tensor/index.ts';
import { replaceTensors } from '../../../tensor/replace.ts';
import { type ChunkedObjective, type ChunkedTower, towersOf } from '../../losses/chunkedObjective.ts';
import type { Readable } from './findTables.ts';
import { placesName, type RowInputs, readingsOfRows, trainedRows } from './rowInputs.ts';

/** The towers' part of an objective: tables that the loss reads too are none that rows can stand for. */
export function readableTowers(objective: ChunkedObjective): Readable {
  const { images, texts, loss, ...trained } = objective;
  const items = (name: string): number => towersOf(objective).find(({ inputs }) => name in inputs)!.count;
  return {
    ...trained,
    inputs: { ...images.inputs, ...texts.inputs },
    outputs: [images.embeddings, texts.embeddings, loss.loss, ...Object.values(loss.metrics)],
    items,
  };
}

/** The same objective where a chunk reads some rows of tables, and places among them. */
export function onRows(objective: ChunkedObjective, stands: readonly RowInputs[]): ChunkedObjective {
  const towers = towersOf(objective);
  const embeddings = replaceTensors(
    towers.map((tower) => tower.embeddings),
    readingsOfRows(stands),
  );
  const placesFor = (tower: ChunkedTower) =>
    stands.flatMap(({ table, places }) =>
      table.readings.flatMap(({ ids }, i) =>
        ids in tower.inputs ? [[placesName(table.name, ids), places[i]!] as const] : [],
      ),
    );
  const [images, texts] = towers.map((tower, i) => ({
    ...tower,
    inputs: { ...tower.inputs, ...Object.fromEntries(placesFor(tower)) },
    embeddings: embeddings[i]!,
  })) as [ChunkedTower, ChunkedTower];
  return { ...objective, ...trainedRows(objective, stands), images, texts };
}

/** Buffers for the whole batch's ids by which tables are read. */
export function wholeIds(objective: ChunkedObjective, stands: readonly RowInputs[]): Record<string, NdArray> {
  const read = new Set(stands.flatMap(({ table }) => table.readings.map(({ ids }) => ids)));
  return Object.fromEntries(
    towersOf(objective).flatMap(({ inputs, count }) =>
      Object.entries(inputs)
        .filter(([name]) => read.has(name))
        .map(([name, { shape }]) => {
          const [, ...item] = shape.map((dim) => staticDim(dim));
          return [name, zeros('int32', [count, ...item])] as const;
        }),
    ),
  );
}
