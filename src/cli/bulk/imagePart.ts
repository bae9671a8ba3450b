import type { Input, InputList } from '../../data/inputs/input.ts';
import { badRead } from '../../data/samples/badRead.ts';
import { badImage } from '../../data/samples/decodeSample.ts';
import type { BadSample } from '../../data/samples/sample.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { NotFiniteError } from '../../encoder/towers/finiteOutputs.ts';
import { GROUP } from '../support/model.ts';
import type { Part } from './bulk.ts';
import type { Outcome, Stamped } from './results.ts';

/** The report of an image that can't be read or decoded. */
export const badInput = ({ name, image }: Input, error: unknown): BadSample =>
  badImage({ source: '', key: name, image }, error);

/** The images of a list as a part of the work. */
export const imagePart = <Value>(
  { total, skipped, reads }: InputList,
  work: Part<Input, Value>['work'],
  groupSize: number = GROUP.image,
): Part<Input, Value> => ({ kind: 'image', total, skipped, reads, groupSize, work });

/**
 * Outcomes of a group in which a model may answer NaN: then one after the other is tried, so that only those are bad for
 * which it does.
 */
export async function tryTogether<Input extends Stamped, Value>(
  group: readonly Input[],
  work: (group: readonly Input[]) => Promise<readonly Outcome<Value>[]>,
): Promise<readonly Outcome<Value>[]> {
  try {
    return await work(group);
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error;
    const [first] = group;
    if (first && group.length === 1) {
      const bad = badRead('', first.name, 'not-finite', error.message).bad!;
      return [{ bad }];
    }
    const outcomes: Outcome<Value>[] = [];
    for (const one of group) outcomes.push(...(await tryTogether([one], work)));
    return outcomes;
  }
}

/** Outcomes of images whose good ones an encoder embeds; `valuesOf` makes a value of each row. */
export const embedGood = <Value>(
  encoder: Encoder,
  group: readonly Input[],
  valuesOf: (rows: Embeddings) => readonly Value[],
): Promise<readonly Outcome<Value>[]> => tryTogether(group, (some) => embedReadable(encoder, some, valuesOf));

async function embedReadable<Value>(
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
