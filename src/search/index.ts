/**
 * Search: a collection is a folder with pictures and their embeddings, made once by a model and ranked against any text or
 * picture.
 *
 * ```ts
 * import { load } from 'siglip2';
 * import { openCollection, rank } from 'siglip2/search';
 * const encoder = await load();
 * const collection = await openCollection('pictures', encoder);
 * const query = await encoder.embedTexts(['a red bicycle']);
 * if (collection) console.log(rank(collection, query, encoder.logitScalars, { limit: 24 }));
 * ```
 * @module siglip2/search
 */

// Make a collection.

export { buildCollection, type CollectionProgress, type CollectionSource } from './buildCollection.ts';

// Open it, and rank its pictures.

export type { Collection, CollectionHit } from './collection.ts';
export type { CollectionItem } from './collectionFiles.ts';
export { openCollection, registerStore } from './openCollection.ts';
export { type RankOptions, rank } from './rank.ts';
export type { Store } from './store.ts';
