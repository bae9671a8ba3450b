import type { Encoder } from '../../encoder/encoder.ts';
import type { Collection, Neighbour, StoredModel } from '../collection/collection.ts';
import type { PictureFilter } from '../collection/filter.ts';
import { storedEmbeddings } from '../collection/vectors/storedEmbeddings.ts';
import type { QueryKind, Verdict } from '../cutoff/createJudge.ts';
import { judgeOf } from '../cutoff/judgeOf.ts';
import type { EmbeddedQuery } from './embedQuery.ts';

/** Judges pictures that are near a query, by id; those that are gone have no verdict. */
export type QueryJudge = (pictures: readonly Neighbour[]) => Promise<ReadonlyMap<number, Verdict>>;

interface Judged extends EmbeddedQuery {
  /** The wanted parts as one. */
  readonly vector: Float32Array;
}

/** A picture that shows something unwanted does not fit, however well it fits otherwise. */
const without = (wanted: Verdict, unwanted: readonly Verdict[]): Verdict => ({
  probability: unwanted.reduce((product, { probability }) => product * (1 - probability), wanted.probability),
  fits: wanted.fits && unwanted.every(({ fits }) => !fits),
});

/**
 * What says how probable it is that a picture shows all that a query looks for and nothing that it does not: p·Π(1 − p_not).
 * The unwanted parts are judged one by one.
 */
export async function queryJudge(
  collection: Collection,
  model: StoredModel,
  encoder: Encoder,
  { vector, wanted, unwanted }: Judged,
  filter: PictureFilter | undefined,
): Promise<QueryJudge> {
  const judge = await judgeOf(collection, model, encoder);
  /** Asked for after the search, by which a store may know. */
  let counted: Promise<number> | undefined;
  const kind: QueryKind = wanted.images.length > 0 ? 'image' : 'text';
  return async (pictures) => {
    if (filter) counted ??= collection.count(filter);
    const count = await counted;
    const stored = await collection.vectors(
      model.id,
      pictures.map(({ id }) => id),
    );
    const rows = storedEmbeddings(stored, model.width);
    const verdicts = judge(vector, rows, kind, count);
    const others = [
      ...unwanted.texts.map((one) => judge(one, rows, 'text', count)),
      ...unwanted.images.map((one) => judge(one, rows, 'image', count)),
    ];
    return new Map(
      stored.ids.map((id, row) => [
        id,
        without(
          verdicts[row]!,
          others.map((one) => one[row]!),
        ),
      ]),
    );
  };
}
