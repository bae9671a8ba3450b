import type { Encoder } from '../../encoder/encoder.ts';
import { check, count, flag, object, optional, rule, settings } from '../../tensor/settings.ts';
import type { Collection, Neighbour } from '../collection/collection.ts';
import type { PictureFilter } from '../collection/filter.ts';
import { backgroundOf, spreadOf } from './background.ts';
import { combine } from './combine.ts';
import { type EmbeddedQuery, embedQuery } from './embedQuery.ts';
import { type FoundPicture, groupHits, type SearchHit, type SearchResult } from './hit.ts';
import { type Judge, sigmoidJudge } from './judge.ts';
import { likeIds, type Query, querySchema, toQuery } from './query.ts';
import { MOST, type ReadyQuery, ranked } from './ranked.ts';
import { storedModelId } from './storedModel.ts';

export interface SearchOptions {
  /** Most hits to give, 1 … 10,000. Default 24. */
  readonly limit?: number | undefined;
  /** Which pictures are looked at. Default: all. */
  readonly filter?: PictureFilter | undefined;
  /** Give the nearest pictures also where they do not fit. Default: those that fit. */
  readonly all?: boolean | undefined;
  /**
   * Put frames of one video, pages of one document and exact copies behind the best of them, as one hit. Default true.
   */
  readonly grouped?: boolean | undefined;
  /** Id of the encoder's {@link StoredModel}. Default: it is found by what the encoder gives for a probe. */
  readonly model?: number | undefined;
}

const schema = settings<SearchOptions>({
  limit: optional(
    rule<number>(
      `a whole number, 1 … ${MOST}`,
      (value) => Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MOST,
    ),
  ),
  filter: optional(object<PictureFilter>('a filter')),
  all: optional(flag),
  grouped: optional(flag),
  model: optional(count),
});

/** How many more are looked at than hits are asked for: several may be of one video. */
const SPARE = 4;

async function found({ collection }: ReadyQuery, nearest: readonly Neighbour[], judge: Judge) {
  const judged = await judge(nearest);
  const pictures = await collection.pictures(nearest.map(({ id }) => id));
  const byId = new Map(pictures.map((picture) => [picture.id, picture]));
  // A picture that another process removed in between is none any more.
  return nearest.flatMap(({ id, score }, i): FoundPicture[] => {
    const picture = byId.get(id);
    return picture ? [{ picture, score, ...judged[i]! }] : [];
  });
}

const alone = (pictures: readonly FoundPicture[]): SearchHit[] =>
  pictures.map((picture) => ({ ...picture, more: [] }));

/** Hits until there are as many as were asked for: further pictures are fetched where many are of one file. */
async function hitsOf(
  query: ReadyQuery,
  judge: Judge,
  { limit = 24, all = false, grouped = true }: SearchOptions,
): Promise<SearchHit[]> {
  for (let size = grouped ? Math.min(MOST, SPARE * limit) : limit; ; size = Math.min(MOST, SPARE * size)) {
    const nearest = await ranked(query, size);
    const pictures = await found(query, nearest, judge);
    const kept = all ? pictures : pictures.filter(({ fits }) => fits);
    const hits = grouped ? groupHits(kept) : alone(kept);
    const isAll = nearest.length < size || size === MOST || kept.length < pictures.length;
    if (hits.length >= limit || isAll) return hits.slice(0, limit);
  }
}

async function readyQuery(
  collection: Collection,
  model: number,
  width: number,
  { wanted, unwanted }: EmbeddedQuery,
  filter: PictureFilter | undefined,
): Promise<ReadyQuery> {
  const background = () => backgroundOf(collection, model, width);
  const isMixed = wanted.texts.length > 0 && wanted.images.length > 0;
  const known = isMixed ? await background() : undefined;
  const vector = combine(wanted, (one) => (known ? spreadOf(known, one).deviation : 1));
  return {
    collection,
    model,
    filter,
    vector,
    unwanted: [...unwanted.texts, ...unwanted.images],
    background,
  };
}

/** The filter without the pictures that a query starts from. */
function withoutLike(filter: PictureFilter | undefined, query: Query): PictureFilter | undefined {
  const ids = likeIds(query);
  return ids.length === 0 ? filter : { ...filter, without: [...(filter?.without ?? []), ...ids] };
}

/**
 * Searches a collection by texts in any language, by images, and by pictures that it has, alone or together.
 * @param query a text, or what is looked for and what is not
 * @returns hits, best first; none where nothing fits, unless `all` asks for the nearest
 * @throws RangeError naming the part of the query or the option that is none; Error naming the image that cannot be read, or
 *   saying that the collection has no vectors of this encoder
 * @example
 * const encoder = await load('google/siglip2-base-patch16-224');
 * const collection = await openCollection('collections', { name: 'photos' });
 * const { hits } = await search(collection, encoder, 'ein rotes Fahrrad');
 * for (const { picture, probability } of hits) console.log(probability, picture.path);
 * const query = { texts: ['at night'], images: ['bicycle.jpg'], not: { texts: ['snow'] } };
 * const year = { from: Date.UTC(2024, 0), before: Date.UTC(2025, 0) };
 * console.log(await search(collection, encoder, query, { filter: year, limit: 5 }));
 */
export async function search(
  collection: Collection,
  encoder: Encoder,
  query: string | Query,
  options: SearchOptions = {},
): Promise<SearchResult> {
  const asked = toQuery(query);
  check('query', querySchema, asked);
  check('search', schema, options);
  const model = options.model ?? (await storedModelId(collection, encoder));
  const embedded = await embedQuery(collection, model, encoder, asked);
  const filter = withoutLike(options.filter, asked);
  const ready = await readyQuery(collection, model, encoder.width, embedded, filter);
  const hits = await hitsOf(ready, sigmoidJudge(encoder.logitScalars), options);
  return { hits, fits: hits.some(({ fits }) => fits), cutTexts: embedded.cutTexts };
}
