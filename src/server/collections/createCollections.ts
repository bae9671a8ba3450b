import type { Collection } from '../../search/collection/collection.ts';
import { isNoModel, storedModel } from '../../search/query/storedModel.ts';
import { RequestError } from '../requests/errors.ts';
import { openCollections } from './openCollections.ts';
import { BUNDLE_NAME, serveBundle } from './serveBundle.ts';
import type { CollectionsHome, ServedCollection, ServedCollections, ServedModel } from './served.ts';
import { createThumbnails, type Thumbnails } from './thumbnails/thumbnails.ts';
import { titleOf } from './titleOf.ts';

export interface CollectionsOptions {
  /** A folder of collections, or an address such as `postgres://…`. It need not be there yet. */
  readonly location: string;
  readonly log: (line: string) => void;
  /** Default: kept in the user's cache folder. */
  readonly thumbnails?: Thumbnails | undefined;
}

/** A collection of pictures in files. */
function serveFiles(
  collection: Collection,
  { encoder }: ServedModel,
  thumbnails: Thumbnails,
): ServedCollection {
  return {
    name: collection.name,
    description: 'Your own pictures.',
    isFixed: false,
    collection,
    model: () =>
      storedModel(collection, encoder).catch((error: unknown) => {
        if (isNoModel(error)) return undefined;
        throw error;
      }),
    titleOf,
    tagOf: thumbnails.tagOf,
    check: thumbnails.check,
    image: thumbnails.image,
  };
}

/**
 * The collections of a server: those of a place, and the pictures beside its model. Nothing is opened before it is asked for.
 * @throws RangeError when no store keeps such a location
 */
export function createCollections({ location, log, thumbnails: given }: CollectionsOptions): CollectionsHome {
  const opened = openCollections(location, log);
  const thumbnails = given ?? createThumbnails({ log });

  function serving(model: ServedModel): ServedCollections {
    const fixed = model.bundle && serveBundle(model.bundle, model);
    // Whoever asks for it is told.
    fixed?.catch(() => {});
    const own = async () => (await opened.names()).filter((name) => !fixed || name !== BUNDLE_NAME);
    const names = async () => [...(fixed ? [BUNDLE_NAME] : []), ...(await own())];
    return {
      names,
      problem: opened.problem,
      async get(name) {
        if (fixed && name === BUNDLE_NAME) return fixed;
        const collection = await opened.get(name);
        if (collection) return serveFiles(collection, model, thumbnails);
        const there = (await names()).join(', ') || 'none';
        throw new RequestError(404, `there is no collection ${JSON.stringify(name)}; there are: ${there}`, {
          code: 'collection_not_found',
        });
      },
    };
  }

  return {
    serving,
    forget: opened.forget,
    async close() {
      await opened.close();
      await thumbnails.close();
    },
  };
}
