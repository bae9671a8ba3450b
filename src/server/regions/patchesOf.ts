import { gridArea } from '../../encoder/patchScores.ts';
import { dot } from '../../search/query/vectors/vectors.ts';
import { badRequest } from '../requests/errors.ts';
import { inRows, shareOf } from './heatmapOf.ts';
import type { Look } from './look.ts';

/** A patch: by its place in the grid, or by a point in shares of the image. */
export interface AskedPatch {
  readonly row?: number | undefined;
  readonly column?: number | undefined;
  readonly x?: number | undefined;
  readonly y?: number | undefined;
}

const clamped = (value: number, count: number): number => Math.min(Math.max(value, 0), count - 1);

/** The number of the patch over a place between the edges of the grid. */
const cell = (place: number, from: number, to: number, count: number): number =>
  clamped(Math.floor(((place - from) / (to - from)) * count), count);

/**
 * How much each patch of an image is like one of them: the cosine of what the model's head makes of each, which is in the
 * space of the embeddings.
 * @throws HTTPException 400 where there is no such patch
 */
export function patchesOf({ patches, size, preprocessing }: Look, asked: AskedPatch) {
  const { rows, columns, embeddings } = patches;
  const area = shareOf(gridArea(patches, size, preprocessing), size);
  const row = asked.row ?? cell(asked.y ?? 0, area.y1, area.y2, rows);
  const column = asked.column ?? cell(asked.x ?? 0, area.x1, area.x2, columns);
  if (row >= rows || column >= columns) {
    const [field, most] = row >= rows ? ['row', rows] : ['column', columns];
    throw badRequest(
      `${field}: the image has ${rows} rows and ${columns} columns; give 0 … ${Number(most) - 1}`,
      String(field),
    );
  }
  const width = embeddings.data.length / (rows * columns);
  const own = embeddings.data.subarray(
    (row * columns + column) * width,
    (row * columns + column + 1) * width,
  );
  const cosines = Array.from(
    { length: rows * columns },
    (_, patch) => Math.round(dot(own, embeddings.data, patch * width) * 1e4) / 1e4,
  );
  return { rows, columns, area, row, column, values: inRows(cosines, columns) };
}
