import type { Picture } from '../../search/collection/picture.ts';
import { RequestError } from '../requests/errors.ts';
import type { Service } from '../service.ts';
import type { ServedCollection } from './served.ts';

/**
 * A collection that a request names; the first where it names none.
 * @throws HTTPException 404 where there is none of that name, 503 where it cannot be opened
 */
export async function collectionOf(
  { collections }: Pick<Service, 'collections'>,
  name: string | undefined,
): Promise<ServedCollection> {
  const [first] = name === undefined ? ((await collections?.names()) ?? []) : [name];
  if (collections && first !== undefined) return collections.get(first);
  const what = name === undefined ? 'no collection' : `no collection ${JSON.stringify(name)}`;
  throw new RequestError(404, `there is ${what}: this server has none`, { code: 'collection_not_found' });
}

/** @throws HTTPException 404 where the collection does not have it */
export async function pictureOf(served: ServedCollection, id: number): Promise<Picture> {
  const [picture] = await served.collection.pictures([id]);
  if (picture) return picture;
  throw new RequestError(404, `the collection ${served.name} has no picture ${id}`, {
    code: 'picture_not_found',
  });
}
