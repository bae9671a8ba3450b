import { badImage } from '../../data/decode.ts';
import type { Input, InputList } from '../../data/inputs/input.ts';
import type { BadSample } from '../../data/sample.ts';
import type { Embeddings, Encoder } from '../../encoder.ts';
import { GROUP } from '../model.ts';
import type { Part } from './bulk.ts';
import type { Outcome } from './results.ts';

/** The report of an image that can't be read or decoded. */
export const badInput = ({ name, image }: Input, error: unknown): BadSample =>
  badImage({ source: '', key: name, image }, error);

/** The images of a list as a part of the work. */
export const imagePart = <Value>(
  { total, skipped, reads }: InputList,
  work: Part<Input, Value>['work'],
  groupSize: number = GROUP.image,
): Part<Input, Value> => ({ kind: 'image', total, skipped, reads, groupSize, work });

/** Outcomes of images whose good ones an encoder embeds; `valuesOf` makes a value of each row. */
export async function embedGood<Value>(
  encoder: Encoder,
  group: readonly Input[],
  valuesOf: (rows: Embeddings) => readonly Value[],
): Promise<Outcome<Value>[]> {
  const bad = new Map<number, BadSample>();
  const rows = await encoder.embedImages(
    group.map(({ image }) => image),
    { onBad: (place, error) => bad.set(place, badInput(group[place]!, error)) },
  );
  const values = valuesOf(rows);
  let next = 0;
  return group.map((_, place) => {
    const one = bad.get(place);
    return one ? { bad: one } : { value: values[next++]! };
  });
}

/** Rows of a table as arrays of their own: [n, d] to n arrays. */
export function rowsOf({ shape, data }: Embeddings): Float32Array[] {
  const [count, width] = shape as [number, number];
  return Array.from({ length: count }, (_, i) => data.slice(i * width, (i + 1) * width));
}
