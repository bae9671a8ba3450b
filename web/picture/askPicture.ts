import { client } from '../shared/client.ts';
import { type Picture, paramOf, picturesOf } from '../shared/collections.ts';

const { pictures } = client.v1.collections[':name'];

export const largeAddress = (collection: string, id: number): string =>
  pictures[':id'].image.$path({ param: { ...paramOf(collection), id: String(id) } });

/** @throws Error where the collection does not have it */
export async function askPicture(collection: string, id: number, signal: AbortSignal): Promise<Picture> {
  const [picture] = await picturesOf(collection, [id], signal);
  if (!picture) throw new Error('This picture is no longer in the collection: search again.');
  return picture;
}
