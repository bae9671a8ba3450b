import type { Picture } from '../shared/collections.ts';
import { postJson } from '../shared/postJson.ts';

const addressOf = (collection: string, id: number): string =>
  `/v1/collections/${encodeURIComponent(collection)}/pictures/${id}`;

export const largeAddress = (collection: string, id: number): string => `${addressOf(collection, id)}/image`;

/** @throws Error where the collection does not have it */
export async function askPicture(collection: string, id: number, signal: AbortSignal): Promise<Picture> {
  const address = `/v1/collections/${encodeURIComponent(collection)}/pictures`;
  const answer = (await postJson(address, { ids: [id] }, signal)) as { pictures: Picture[] };
  const [picture] = answer.pictures;
  if (!picture) throw new Error('This picture is no longer in the collection: search again.');
  return picture;
}
