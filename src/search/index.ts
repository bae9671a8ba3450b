/**
 * Search: collections of your own pictures in a store, and bundles, the fixed pictures beside a model.
 *
 * ```ts
 * import { EMBEDDED_MODEL, load } from 'siglip2';
 * import { openBundle, rank } from 'siglip2/search';
 * const encoder = await load();
 * const bundle = await openBundle(`${EMBEDDED_MODEL}/gallery`, encoder);
 * const query = await encoder.embedTexts(['a red apple']);
 * if (bundle) console.log(rank(bundle, query, encoder.logitScalars, { limit: 24 }));
 * ```
 * @module siglip2/search
 */

// Collections: your own pictures, in a store.

export type { Change, NewPicture } from './collection/change.ts';
export {
  type Collection,
  CollectionBusyError,
  type CollectionLock,
  type CollectionModel,
  type ContentCopy,
  type NearestOptions,
  type Neighbour,
  type StoredFile,
  type StoredModel,
  type StoredVectors,
} from './collection/collection.ts';
export type { PictureFilter } from './collection/filter.ts';
export type { FileFacts, Picture, PictureFacts, PictureKind } from './collection/picture.ts';
export type { OpenCollectionOptions, Store } from './stores/store.ts';
export { openCollection, registerStore, storeOf } from './stores/stores.ts';

// Bundles: fixed pictures beside a model.

export { type BundleProgress, type BundleSource, buildBundle } from './bundle/buildBundle.ts';
export type { Bundle, BundleHit } from './bundle/bundle.ts';
export type { BundleItem } from './bundle/bundleFiles.ts';
export { openBundle } from './bundle/openBundle.ts';
export { type RankOptions, rank } from './bundle/rank.ts';

// Questions to a collection: what shows this, and what is there twice.

export {
  type Copy,
  type DuplicateGroup,
  type DuplicateOptions,
  type Duplicates,
  findDuplicates,
} from './duplicates/findDuplicates.ts';
export type { FoundPicture, SearchHit, SearchResult } from './query/hit.ts';
export type { Query, QueryParts } from './query/query.ts';
export { type SearchOptions, search } from './query/search.ts';

// Indexing: a collection is brought to what folders hold.

export { type IndexedFolder, indexedFolders } from './indexing/folders.ts';
export { indexPictures } from './indexing/indexPictures.ts';
export type { EmptiedFolder } from './indexing/listing/missing.ts';
export type { IndexOptions, IndexProgress, IndexSummary } from './indexing/options.ts';
export type { FileFate } from './indexing/summary/ledger.ts';
export type { PartlyReadReport } from './indexing/summary/partlyRead.ts';
export type { PictureOptions } from './pictures/pictures.ts';

// The part of a picture that fits a query.

export { drawBox } from './regions/drawBox.ts';
export { drawHeatmap, type HeatmapOptions } from './regions/drawHeatmap.ts';
export { type FindRegionOptions, type FoundRegion, findRegion } from './regions/findRegion.ts';
