import type { InferResponseType } from 'hono/client';
import { client } from '../../shared/client.ts';
import { itemOf, type Subject } from '../../shared/subject.ts';
import type { Cell } from './heatGrid.ts';

const { heatmap, patches } = client.v1;

/** Where a picture shows a text: values are 0 … 1 from its least to its most, which are cosines. */
export type TextHeat = Exclude<InferResponseType<typeof heatmap.$post>, string>['results'][number];

/** How similar the patches of a picture are to one of them, in cosines. */
export type PatchHeat = InferResponseType<typeof patches.$post>;

/** @param maxPatches undefined: as many as the model takes of each picture */
export async function askHeat(
  subject: Subject,
  text: string,
  maxPatches: number | undefined,
  signal: AbortSignal,
): Promise<TextHeat> {
  const json = { image: await itemOf(subject), texts: [text], max_patches: maxPatches };
  const answer = await (await heatmap.$post({ json }, { init: { signal } })).json();
  // The other form is a drawn picture, which nobody asked for.
  const [first] = typeof answer === 'string' ? [] : answer.results;
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
  const json = { image: await itemOf(subject), ...at, max_patches: maxPatches };
  return (await patches.$post({ json }, { init: { signal } })).json();
}
