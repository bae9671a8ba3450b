import type { Encoder } from '../../encoder/encoder.ts';
import { check, count, flag, object, optional, rule, settings } from '../../tensor/settings.ts';
import type { Collection, Neighbour } from '../collection/collection.ts';
import type { PictureFilter } from '../collection/filter.ts';
import type { Picture } from '../collection/picture.ts';
import { backgroundOf, spreadOf } from './background.ts';
import { combine } from './combine.ts';
import { type EmbeddedQuery, embedQuery } from './embedQuery.ts';
import { groupHits, type SearchHit, type SearchResult } from './hit.ts';
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

/** How many more are fetched than hits are asked for: several may be of one video. */
const SPARE = 4;
/** So many of the nearest are judged at least: one that is near everything may stand before one that fits. */
const JUDGED = 48;

interface Placed extends Neighbour {
  readonly picture: Picture;
}

/** Pictures that another process removed in between are left out. */
async function withPictures(collection: Collection, nearest: readonly Neighbour[]): Promise<Placed[]> {
  const pictures = await collection.pictures(nearest.map(({ id }) => id));
  const byId = new Map(pictures.map((picture) => [picture.id, picture]));
  return nearest.flatMap((one) => {
    const picture = byId.get(one.id);
    return picture ? [{ ...one, picture }] : [];
  });
}

/** What is worth judging: the first ones, and as many files as hits are asked for; in their order. */
function judgeable(placed: readonly Placed[], limit: number, grouped: boolean): Placed[] {
  const first = new Set(placed.slice(0, Math.max(JUDGED, grouped ? 2 * limit : limit)));
  const hashes = new Set<string>();
  return placed.filter((one) => {
    const isHead = hashes.size < limit && !hashes.has(one.picture.hash);
    hashes.add(one.picture.hash);
    return first.has(one) || isHead;
  });
}

/** Hits until there are as many as were asked for: further pictures are fetched where many are of one file. */
async function hitsOf(
  query: ReadyQuery,
  judge: Judge,
  { limit = 24, all = false, grouped = true }: SearchOptions,
): Promise<SearchHit[]> {
  const least = Math.max(JUDGED, limit);
  for (let size = Math.min(MOST, grouped ? SPARE * least : least); ; size = Math.min(MOST, SPARE * size)) {
    const nearest = await ranked(query, size);
    const placed = await withPictures(query.collection, nearest);
    const files = grouped ? new Set(placed.map(({ picture }) => picture.hash)).size : placed.length;
    if (files < limit && nearest.length === size && size < MOST) continue;
    const some = judgeable(placed, limit, grouped);
    const verdicts = await judge(some);
    const found = some.map(({ picture, score }, i) => ({ picture, score, ...verdicts[i]! }));
    const kept = all ? found : found.filter(({ fits }) => fits);
    const hits = grouped ? groupHits(kept) : kept.map((one) => ({ ...one, more: [] }));
    return hits.slice(0, limit);
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
  return { hits, fits: hits.some(({ fits }) => fits), cutTexts: embedded.cutTexts, vector: ready.vector };
}
