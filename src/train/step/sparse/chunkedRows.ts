import { replaceTensors } from '../../../tensor/replace.ts';
import { type ChunkedObjective, type ChunkedTower, towersOf } from '../../losses/chunkedObjective.ts';
import type { Readable } from './findTables.ts';
import type { RowForm } from './rowForm.ts';
import { placesName, type RowInputs, readingsOfRows, rowInputs, trainedRows } from './rowInputs.ts';

/** The towers' part of an objective: tables that the loss reads too are none that rows can stand for. */
function readableTowers(objective: ChunkedObjective): Readable {
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
function onRows(objective: ChunkedObjective, stands: readonly RowInputs[]): ChunkedObjective {
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

/**
 * Rows in the towers of an objective that is computed in chunks. They may take the tables' place before the towers are
 * differentiated: no tower has a `withGradient`, whose rule would speak of the tensors as they were.
 */
export const chunkedRows: RowForm<ChunkedObjective> = {
  readable: readableTowers,
  onRows: (objective, _, tables) => ({ objective: onRows(objective, tables.map(rowInputs)) }),
};
