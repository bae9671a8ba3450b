import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { decodeImage } from '../../src/input/image/decode/decodeImage.ts';
import type { Bundle } from '../../src/search/bundle/bundle.ts';
import type { Collection } from '../../src/search/collection/collection.ts';
import { indexPictures } from '../../src/search/indexing/indexPictures.ts';
import type { Query } from '../../src/search/query/query.ts';
import { search } from '../../src/search/query/search.ts';
import { openCollection } from '../../src/search/stores/stores.ts';
import { serveBundle } from '../../src/server/collections/serveBundle.ts';
import { createThumbnails } from '../../src/server/collections/thumbnails/thumbnails.ts';
import { heatmapOf, type TextHeat } from '../../src/server/regions/heatmapOf.ts';

/** A search, and the hits that the library itself finds, best first. */
export interface KnownSearch {
  readonly body: Readonly<Record<string, unknown>>;
  readonly hits: readonly { readonly score: number; readonly probability: number }[];
}

export interface KnownHeat {
  readonly image: File;
  readonly heat: TextHeat;
}

export interface KnownThumbnail {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What the library itself answers about collections and parts of pictures. */
export interface ServedAnswers {
  readonly searches: readonly KnownSearch[];
  readonly heats: readonly KnownHeat[];
  readonly thumbnails: readonly KnownThumbnail[];
}

/** Of a folder that is made for it. */
const OWN = 'soak';
const LIMIT = 8;

const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());

/** Where the collections of a working folder are, and what can be made again. */
export const collectionsIn = (folder: string): string => join(folder, 'collections');
export const cacheIn = (folder: string): string => join(folder, 'cache');

async function searchesOf(
  encoder: Encoder,
  collection: Collection,
  name: string,
  texts: readonly string[],
): Promise<KnownSearch[]> {
  const [model] = await collection.models();
  const queries: Query[] = [
    ...texts.map((text) => ({ texts: [text] })),
    { texts: texts.slice(0, 2) },
    { like: [1] },
    { texts: texts.slice(0, 1), not: { texts: texts.slice(2, 3) } },
  ];
  const known: KnownSearch[] = [];
  for (const query of queries) {
    const options = { limit: LIMIT, all: true, model: model!.id };
    const { hits } = await search(collection, encoder, query, options);
    known.push({ body: { collection: name, ...query, limit: LIMIT, all: true }, hits });
  }
  return known;
}

async function heatsOf(encoder: Encoder, images: readonly File[], text: string): Promise<KnownHeat[]> {
  const heats: KnownHeat[] = [];
  for (const image of images) {
    const bytes = await bytesOf(image);
    const [patches] = await encoder.embedPatches([bytes]);
    const { width, height } = await decodeImage(bytes, encoder.decode);
    const embedding = await encoder.embedImages([bytes]);
    const { preprocessing } = encoder;
    const look = { size: { width, height }, patches: patches!, embedding, preprocessing };
    const [heat] = await heatmapOf(encoder, look, [text]);
    heats.push({ image, heat: heat! });
  }
  return heats;
}

/** Makes a collection of pictures in a working folder, and asks the library what a server will be asked. */
export async function servedAnswers(
  folder: string,
  encoder: Encoder,
  bundle: Bundle,
  images: readonly File[],
  texts: readonly string[],
): Promise<ServedAnswers> {
  const pictures = join(folder, 'pictures');
  await mkdir(pictures, { recursive: true });
  for (const file of images) await writeFile(join(pictures, file.name), await bytesOf(file));
  const own = await openCollection(collectionsIn(folder), { name: OWN, create: true });
  await indexPictures(own, encoder, [pictures]);
  const emoji = await serveBundle(bundle, { encoder, name: 'siglip2-emoji' });
  const drawn = createThumbnails({ log: console.error, folder: join(folder, 'drawn') });
  const thumbnails: KnownThumbnail[] = [];
  const add = async (name: string, id: number, bytes: Promise<Uint8Array>) =>
    void thumbnails.push({
      path: `/v1/collections/${name}/pictures/${id}/thumbnail`,
      bytes: await bytes,
    });
  const ids = Array.from({ length: images.length }, (_, i) => i + 1);
  for (const picture of await own.pictures(ids)) await add(OWN, picture.id, drawn.image(picture, 320));
  for (const picture of await emoji.collection.pictures([1, 7, 500]))
    await add(emoji.name, picture.id, emoji.image(picture, 320));
  const searches = [
    ...(await searchesOf(encoder, emoji.collection, emoji.name, texts)),
    ...(await searchesOf(encoder, own, OWN, texts)),
  ];
  await drawn.close();
  await own.close();
  return { searches, heats: await heatsOf(encoder, images, texts[0]!), thumbnails };
}
