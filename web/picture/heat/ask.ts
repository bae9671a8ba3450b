import { postJson } from '../../shared/postJson.ts';
import { itemOf, type Subject } from '../../shared/subject.ts';
import type { Cell, Grid, Part } from './heatGrid.ts';

/** Where a picture shows a text. */
export interface TextHeat extends Grid {
  readonly text: string;
  /** Of the picture as a whole. */
  readonly probability: number;
  /** 0 … 1 from the picture's least to its most, row by row. */
  readonly values: readonly (readonly number[])[];
  /** Cosines that 0 and 1 stand for. */
  readonly least: number;
  readonly most: number;
  readonly box: Part | null;
}

/** How similar the patches of a picture are to one of them. */
export interface PatchHeat extends Grid, Cell {
  /** Cosines, row by row. */
  readonly values: readonly (readonly number[])[];
}

export async function askHeat(
  subject: Subject,
  text: string,
  maxPatches: number | undefined,
  signal: AbortSignal,
): Promise<TextHeat> {
  const body = { image: await itemOf(subject), texts: [text], max_patches: maxPatches };
  const answer = (await postJson('/v1/heatmap', body, signal)) as { results: TextHeat[] };
  const [first] = answer.results;
  if (!first) throw new Error('The server sent no heatmap.');
  return first;
}

/** @param at a patch, or a point of the picture in shares of its sides */
export async function askPatches(
  subject: Subject,
  at: Cell | { readonly x: number; readonly y: number },
  maxPatches: number | undefined,
  signal: AbortSignal,
): Promise<PatchHeat> {
  const { row, column, x, y } = { row: undefined, column: undefined, x: undefined, y: undefined, ...at };
  const body = { image: await itemOf(subject), row, column, x, y, max_patches: maxPatches };
  return (await postJson('/v1/patches', body, signal)) as PatchHeat;
}
