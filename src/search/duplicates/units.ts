import type { Collection } from '../collection/collection.ts';
import type { PictureFilter } from '../collection/filter.ts';
import type { Picture } from '../collection/picture.ts';
import { compareCopies } from './copies.ts';
import { distinctFiles } from './distinctFiles.ts';

/** Files with the same bytes, the best first: of each its first picture. No two are one file under two paths. */
export type Unit = readonly [Picture, ...Picture[]];

/** Pictures that are asked for at once. */
const PAGE = 1000;

async function* allPictures(
  collection: Collection,
  filter: PictureFilter | undefined,
): AsyncGenerator<Picture> {
  for (let after = 0; ; ) {
    const page = await collection.list({ filter, after, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.id;
  }
}

/** The contents of a collection, in the order in which they came. */
export async function unitsOf(collection: Collection, filter: PictureFilter | undefined): Promise<Unit[]> {
  // By content, then by path.
  const byHash = new Map<string, Map<string, Picture>>();
  for await (const picture of allPictures(collection, filter)) {
    const paths = byHash.get(picture.hash) ?? new Map<string, Picture>();
    const known = paths.get(picture.path);
    if (!known || picture.at < known.at) paths.set(picture.path, picture);
    byHash.set(picture.hash, paths);
  }
  const units: Unit[] = [];
  for (const paths of byHash.values()) {
    const pictures = [...paths.values()];
    const files = pictures.length > 1 ? await distinctFiles(pictures) : pictures;
    units.push(files.sort(compareCopies) as [Picture]);
  }
  return units;
}
