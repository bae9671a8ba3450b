import type { PictureFilter } from '../../search/collection/filter.ts';
import type { SearchResult } from '../../search/query/hit.ts';
import { search } from '../../search/query/search.ts';
import type { ItemImage } from '../items/item.ts';
import { withItemImages } from '../items/withItemImages.ts';
import { throwIfGone } from '../requests/budget.ts';
import { badRequest, RequestError } from '../requests/errors.ts';
import type { Work } from '../service.ts';
import type { ServedCollection } from './served.ts';

/** What a request looks for, or not. */
export interface AskedParts {
  readonly texts?: readonly string[] | undefined;
  readonly images?: readonly ItemImage[] | undefined;
  readonly like?: readonly number[] | undefined;
}

export interface AskedSearch extends AskedParts {
  readonly not?: AskedParts | undefined;
  readonly filter: PictureFilter | undefined;
  readonly limit: number;
  readonly all: boolean;
  readonly grouped: boolean;
  readonly maxNumPatches: number | undefined;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** @throws HTTPException 400 where the collection has no vectors of the served model */
async function modelOf(served: ServedCollection) {
  const model = await served.model();
  if (model) return model;
  throw new RequestError(
    400,
    `the collection ${served.name} has no vectors of the served model; GET /v1/collections says which models it was indexed by`,
    { param: 'collection', code: 'model_mismatch' },
  );
}

/**
 * Searches a collection as a request asks. One that nobody waits for any more is not begun.
 * @throws HTTPException 400 where the query asks for nothing, names a picture that there is not, or an image that cannot be
 *   read; the signal's reason when the client is gone
 */
export async function searchCollection(
  work: Pick<Work, 'encoder' | 'images' | 'collections' | 'fetchImage'>,
  served: ServedCollection,
  asked: AskedSearch,
): Promise<SearchResult> {
  const { texts, images = [], like, not = {}, filter, limit, all, grouped, maxNumPatches, signal } = asked;
  const { id } = await modelOf(served);
  const unwanted = not.images ?? [];
  const given = { images: [...images, ...unwanted], signal, maxNumPatches };
  return withItemImages(work, given, async (pictures) => {
    throwIfGone(signal);
    const query = {
      ...{ texts, images: pictures.slice(0, images.length), like },
      not: { texts: not.texts, images: pictures.slice(images.length), like: not.like },
    };
    try {
      return await search(served.collection, work.encoder, query, { filter, limit, all, grouped, model: id });
    } catch (error) {
      throw error instanceof RangeError ? badRequest(error.message) : error;
    }
  });
}
