import { float16ToFloat32 } from '../../checkpoint/safetensors/castFloat.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import type { Collection } from '../collection/collection.ts';
import { withHeic } from '../pictures/images/withHeic.ts';
import type { Query, QueryParts } from './query.ts';
import type { PartVectors } from './vectors/combine.ts';
import { unit } from './vectors/vectors.ts';

/** What of an encoder a query needs. */
export type QueryEncoder = Pick<
  Encoder,
  'width' | 'decode' | 'logitScalars' | 'embedTexts' | 'countTokens' | 'embedImages'
>;

/** A query as vectors. */
export interface EmbeddedQuery {
  readonly wanted: PartVectors;
  readonly unwanted: PartVectors;
  readonly cutTexts: readonly string[];
}

const rowsOf = (data: Float32Array, width: number): Float32Array[] =>
  Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));

/** @throws RangeError naming a picture that the collection does not have, or has no vector of */
async function likeVectors(
  collection: Collection,
  model: number,
  ids: readonly number[],
  width: number,
): Promise<Float32Array[]> {
  if (ids.length === 0) return [];
  const { ids: found, vectors } = await collection.vectors(model, ids);
  const missing = ids.find((id) => !found.includes(id));
  if (missing !== undefined)
    throw new RangeError(`like names the picture ${missing}, which the collection does not have`);
  return rowsOf(float16ToFloat32(vectors), width).map(unit);
}

/**
 * Embeds what a query names, all texts and all images at once; pictures of the collection are embedded already.
 * @throws Error naming the image that cannot be read, or the picture that the collection does not have
 */
export async function embedQuery(
  collection: Collection,
  model: number,
  encoder: QueryEncoder,
  query: Query,
): Promise<EmbeddedQuery> {
  const { width } = encoder;
  const [wanted, unwanted]: readonly QueryParts[] = [query, query.not ?? {}];
  const both = <T>(field: (parts: QueryParts) => readonly T[] | undefined): T[] => [
    ...(field(wanted!) ?? []),
    ...(field(unwanted!) ?? []),
  ];
  const strings = both(({ texts }) => texts);
  const counts = strings.length > 0 ? await encoder.countTokens(strings) : [];
  const pictures = await Promise.all(
    both(({ images }) => images).map((image) => withHeic(image, encoder.decode)),
  );
  const embedded = strings.length > 0 ? await encoder.embedTexts(strings) : undefined;
  const texts = embedded ? rowsOf(embedded.data, width) : [];
  const images = pictures.length > 0 ? rowsOf((await encoder.embedImages(pictures)).data, width) : [];
  const like = await likeVectors(
    collection,
    model,
    both((parts) => parts.like),
    width,
  );
  const { texts: { length: t } = [], images: { length: i } = [], like: { length: l } = [] } = query;
  return {
    wanted: { texts: texts.slice(0, t), images: [...images.slice(0, i), ...like.slice(0, l)] },
    unwanted: { texts: texts.slice(t), images: [...images.slice(i), ...like.slice(l)] },
    cutTexts: strings.filter((_, place) => counts[place]?.isCut),
  };
}
