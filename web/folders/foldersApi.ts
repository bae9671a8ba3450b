import { client } from '../shared/client.ts';
import { paramOf } from '../shared/collections.ts';

/** Paths of folders of the server's machine that begin as a path does; without one those in the home folder. */
export async function foldersFrom(path: string, signal: AbortSignal): Promise<string[]> {
  const answer = await client.v1.folders.$get({ query: path === '' ? {} : { path } }, { init: { signal } });
  return (await answer.json()).folders;
}

/** Forgets a collection; the pictures' files stay as they are. */
export async function removeCollection(name: string): Promise<void> {
  await client.v1.collections[':name'].$delete({ param: paramOf(name) });
}
