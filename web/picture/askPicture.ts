import { client } from '../shared/client.ts';
import type { Picture } from '../shared/collections.ts';

const { pictures } = client.v1.collections[':name'];

// The client puts names into the address as they are.
const paramOf = (collection: string) => ({ name: encodeURIComponent(collection) });

export const largeAddress = (collection: string, id: number): string =>
  pictures[':id'].image.$path({ param: { ...paramOf(collection), id: String(id) } });

/** @throws Error where the collection does not have it */
export async function askPicture(collection: string, id: number, signal: AbortSignal): Promise<Picture> {
  const given = { param: paramOf(collection), json: { ids: [id] } };
  const answer = await (await pictures.$post(given, { init: { signal } })).json();
  const [picture] = answer.pictures;
  if (!picture) throw new Error('This picture is no longer in the collection: search again.');
  return picture;
}
