import type { CollectionInfo, Hit } from '../../shared/collections.ts';
import { h } from '../../shared/element.ts';
import { latest } from '../../shared/latest.ts';
import { setShownPictures } from '../../shared/shownPictures.ts';
import { Grid, type GridItems, type GridSection } from '../grid/grid.ts';
import { type Look, metricsOf } from '../grid/metrics.ts';
import { emptyTile, pictureTile, type TileSource } from '../grid/pictureTile.ts';
import { type AllIds, type Found, idsOf, search } from '../query/ask.ts';
import { isSearch, type Query } from '../query/query.ts';
import { PictureCache } from './pictureCache.ts';
import { foundWords, queryWords, shownWords } from './words.ts';

/** Milliseconds without a key press before asking. */
const PAUSE = 60;
/** Most hits that are asked for: at first, and when somebody has seen nearly all of them. */
const LIMITS = [60, 300, 1000];
/** Tiles in place of what is still to come. */
const WAITING = 24;

export interface ResultsOptions {
  /** Pixels at the top of the window that something else covers. */
  covered(): number;
  moreLike(id: number): void;
  /** The reader goes back to the box. */
  onLeave(): void;
  /** Something is shown that is not a part of what was shown before. */
  onNew(): void;
}

interface Asked {
  readonly collection: CollectionInfo;
  readonly query: Query;
  readonly limit: number;
}

type Answer = { readonly all: AllIds } | { readonly found: Found };

const answerFor = async ({ collection, query, limit }: Asked, signal: AbortSignal): Promise<Answer> =>
  isSearch(query)
    ? { found: await search(collection.name, query, limit, signal) }
    : { all: await idsOf(collection, query.filter, signal) };

/** Quoted texts run in their own direction, and turn nothing around them. */
const isolated = (message: string): (Node | string)[] =>
  message.split(/(?<=“)([^”]*)(?=”)/).map((text, i) => (i % 2 === 1 ? h('bdi', {}, text) : text));

const rem = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

/** What a query finds, or all pictures of a collection, with a line that says what it is. */
export class Results {
  readonly status = h('p', { id: 'search-status', class: 'status', role: 'status' });
  readonly grid: Grid;
  readonly #options: ResultsOptions;
  readonly #signal: AbortSignal;
  readonly #request;
  #asked: Asked | undefined;
  /** What is shown now. */
  #ids: readonly number[] = [];
  #hits = new Map<number, Hit>();
  #cache: PictureCache | undefined;
  #cached: string | undefined;
  #hasAll = true;
  #look: Look = 'drawings';
  #isGrowing = false;

  constructor(options: ResultsOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.grid = new Grid(
      {
        label: 'Pictures',
        metrics: (width) => metricsOf(width, rem(), this.#look, this.#hits.size > 0),
        covered: options.covered,
        onSeen: (first, end) => this.#onSeen(first, end),
        onLeave: options.onLeave,
      },
      signal,
    );
    this.grid.element.id = 'results';
    this.#request = latest(
      PAUSE,
      async (aborted) => {
        if (!this.#asked) throw new Error('Nothing was asked.');
        return { asked: this.#asked, answer: await answerFor(this.#asked, aborted) };
      },
      ({ asked, answer }) => this.#show(asked, answer),
      (error) => this.fail(error),
    );
    signal.addEventListener('abort', this.#request.cancel);
    this.#wait();
  }

  /** Asks anew. What is shown stays until there is an answer. */
  ask(collection: CollectionInfo, query: Query, immediately: boolean): void {
    if (this.#asked && this.#asked.collection.name !== collection.name) {
      this.#asked = undefined;
      this.#hits = new Map();
      this.#lookLike(collection);
      this.#wait();
    }
    this.#lookLike(collection);
    this.#isGrowing = false;
    this.#asked = { collection, query, limit: LIMITS[0] ?? 0 };
    this.#isBusy(true);
    this.#request.run(immediately);
  }

  /** Shows no pictures: there is nothing to ask. */
  clear(): void {
    this.#request.cancel();
    this.#asked = undefined;
    this.#showItems([], { sections: [], keyOf: String, tile: emptyTile }, false);
    this.#say('');
  }

  fail(error: Error): void {
    this.#isBusy(false);
    this.#say(error.message, true);
  }

  #lookLike({ fixed }: CollectionInfo): void {
    this.#look = fixed ? 'drawings' : 'photographs';
    this.grid.element.classList.toggle('drawings', fixed);
  }

  #wait(): void {
    const items = {
      sections: [{ count: WAITING }],
      keyOf: (item: number) => `waiting ${item}`,
      tile: emptyTile,
    };
    this.#showItems([], items, false);
    this.#isBusy(true);
  }

  #isBusy(is: boolean): void {
    this.grid.element.setAttribute('aria-busy', String(is));
  }

  #say(message: string, isError = false): void {
    this.status.className = isError ? 'status error' : 'status';
    // Our sentences run from left to right, on pages of any direction.
    this.status.replaceChildren(h('span', { dir: 'ltr' }, ...isolated(message)));
  }

  #cacheOf(collection: string): PictureCache {
    if (!this.#cache || this.#cached !== collection) {
      const onMore = (error?: Error) => (error ? this.fail(error) : this.grid.refresh());
      this.#cache = new PictureCache(collection, onMore, this.#signal);
      this.#cached = collection;
    }
    return this.#cache;
  }

  #show(asked: Asked, answer: Answer): void {
    const isMore = this.#isGrowing;
    this.#isGrowing = false;
    this.#isBusy(false);
    if ('found' in answer) this.#showFound(asked, answer.found, isMore);
    else this.#showAll(asked, answer.all);
    if (!isMore) this.#options.onNew();
  }

  #showAll({ collection }: Asked, { ids, cut }: AllIds): void {
    this.#hits = new Map();
    this.#hasAll = true;
    this.#showItems(ids, this.#itemsOf(collection, ids, [{ count: ids.length }]), false);
    this.#say(shownWords(ids.length, collection.pictures, cut));
  }

  #showFound({ collection, query, limit }: Asked, found: Found, isMore: boolean): void {
    const { hits, fits } = found;
    this.#hits = new Map(hits.map((hit) => [hit.id, hit]));
    this.#cacheOf(collection.name).add(hits);
    this.#hasAll = hits.length < limit || limit === LIMITS.at(-1);
    const fitting = hits.filter((hit) => hit.fits);
    const far = hits.filter((hit) => !hit.fits);
    const heading = () => h('h2', {}, fits ? 'Further away' : 'The nearest of them');
    const sections = [
      { count: fitting.length },
      { count: far.length, isFar: true, ...(far.length > 0 && { heading }) },
    ];
    const ids = [...fitting, ...far].map(({ id }) => id);
    this.#showItems(ids, this.#itemsOf(collection, ids, sections), isMore);
    this.#say(foundWords(query, found, this.#hasAll));
    this.status.classList.toggle('nothing', !fits);
  }

  #itemsOf(collection: CollectionInfo, ids: readonly number[], sections: readonly GridSection[]): GridItems {
    const source: TileSource = {
      collection,
      picture: this.#cacheOf(collection.name).get,
      hit: (id) => this.#hits.get(id),
      moreLike: this.#options.moreLike,
    };
    return {
      sections,
      keyOf: (item) => `${collection.name} ${ids[item]}`,
      tile: (item) => pictureTile(ids[item] ?? 0, source),
    };
  }

  #showItems(ids: readonly number[], items: GridItems, isMore: boolean): void {
    this.#ids = ids;
    this.#tellOthers(ids);
    this.grid.show(items, isMore);
  }

  /** Whoever leads from one picture to the next has to know their order. */
  #tellOthers(ids: readonly number[]): void {
    const { collection, query } = this.#asked ?? {};
    if (!collection || !query) {
      setShownPictures(undefined);
      return;
    }
    const hits = this.#hits;
    setShownPictures({
      collection: collection.name,
      ids,
      query: isSearch(query) ? queryWords(query) : '',
      found: (id) => hits.get(id),
    });
  }

  #onSeen(first: number, end: number): void {
    if (this.#cache && this.#ids.length > 0) this.#cache.want(this.#ids.slice(first, end));
    if (!this.#hasAll && end >= this.#ids.length - WAITING) this.#grow();
  }

  /** Asks for more hits, once what is shown is nearly all seen. */
  #grow(): void {
    const { limit = 0 } = this.#asked ?? {};
    const next = LIMITS.find((one) => one > limit);
    if (!this.#asked || next === undefined || this.#isGrowing || this.grid.element.ariaBusy === 'true')
      return;
    this.#isGrowing = true;
    this.#asked = { ...this.#asked, limit: next };
    this.#request.run(true);
  }
}
