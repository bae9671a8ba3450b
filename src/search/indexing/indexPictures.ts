import type { Encoder } from '../../encoder/encoder.ts';
import { check } from '../../tensor/settings.ts';
import type { Collection, StoredModel } from '../collection/collection.ts';
import { modelOf } from '../collection/modelProbe.ts';
import { indexScope } from './indexScope.ts';
import { scopeOf } from './listing/scope.ts';
import { type IndexOptions, type IndexSummary, indexSchema, type PictureEncoder } from './options.ts';

/** As {@link indexPictures}, by a model that the collection knows already. */
export async function indexBy(
  collection: Collection,
  encoder: PictureEncoder,
  model: StoredModel,
  paths: readonly string[],
  options: IndexOptions,
): Promise<IndexSummary> {
  const scope = await scopeOf(paths);
  const lock = await collection.lock();
  try {
    return await indexScope({ collection, encoder, model, scope, options });
  } finally {
    await lock.release();
  }
}

/**
 * Brings a collection to what folders hold now. Files are told by path, size and time: those that are as they were are
 * not opened. What was touched, moved or copied is told by its bytes and not embedded again; what is gone from the folders
 * is dropped, and other folders stay as they are. Bad files are counted and remembered, and not tried again until they
 * change. Writes as it goes: a call that was stopped or killed is continued by the same call.
 * @param paths folders, with all below them by the rules of `imageFolder`, and files
 * @throws Error naming a path that is absent or can't be read, before anything is changed; CollectionBusyError while
 *   another process indexes; RangeError naming the option that is none
 * @example
 * const encoder = await load();
 * const photos = await openCollection('collections', { name: 'photos', create: true });
 * const { files, bad } = await indexPictures(photos, encoder, ['/home/me/photos']);
 * console.log(files.new, files.moved, files.dropped, bad.reasons);
 */
export async function indexPictures(
  collection: Collection,
  encoder: Encoder,
  paths: readonly string[],
  options: IndexOptions = {},
): Promise<IndexSummary> {
  check('indexPictures', indexSchema, options);
  const model = await collection.addModel(await modelOf(encoder, options.modelName ?? 'embedded'));
  return indexBy(collection, encoder, model, paths, options);
}
