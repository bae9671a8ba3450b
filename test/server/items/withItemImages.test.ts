import { HTTPException } from 'hono/http-exception';
import { describe, expect, it } from 'vitest';
import type { ServedCollections } from '../../../src/server/collections/served.ts';
import type { FetchImage } from '../../../src/server/imageUrls/fetchImage.ts';
import type { ItemImage } from '../../../src/server/items/item.ts';
import { openImage } from '../../../src/server/items/openImage.ts';
import { withItemImages } from '../../../src/server/items/withItemImages.ts';
import { badRequest } from '../../../src/server/requests/errors.ts';
import { appWith, ask, images, pngUri } from '../programs/app.ts';
import { png } from '../requests.ts';

const red = await png(255, 0, 0);
const { signal } = new AbortController();

const url = (name: string): ItemImage => ({ kind: 'url', url: `https://example.com/${name}` });
const data: ItemImage = { kind: 'data', file: red };

/** Fetches a red image, but not those named bad or slow; counts what is held. */
function fetcher() {
  let held = 0;
  const fetchImage: FetchImage = async (address, options) => {
    if (address.endsWith('bad')) throw badRequest(`${address}: is not there`);
    held++;
    if (address.endsWith('slow'))
      await new Promise((_, reject) => {
        const giveUp = () => {
          held--;
          reject(options.signal.reason);
        };
        options.signal.addEventListener('abort', giveUp, { once: true });
      });
    let given = false;
    const release = () => {
      if (!given) held--;
      given = true;
    };
    return { file: red, release };
  };
  return { fetchImage, held: () => held };
}

describe('withItemImages', () => {
  it('opens images in their order and gives back what is held, before it works with them', async () => {
    const { fetchImage, held } = fetcher();
    const asked = { images: [url('a'), data, url('b'), url('c'), url('d'), url('e')], signal };
    const result = await withItemImages({ images, fetchImage }, asked, async (fitted) => [
      fitted.length,
      held(),
    ]);
    expect(result).toEqual([6, 0]);
  });

  it('gives up the others when one cannot be opened, and gives back what is held', async () => {
    const { fetchImage, held } = fetcher();
    const asked = { images: [url('a'), url('slow'), url('bad'), url('slow')], signal };
    const opening = withItemImages({ images, fetchImage }, asked, async () => 0);
    await expect(opening).rejects.toThrow('https://example.com/bad: is not there');
    expect(held()).toBe(0);
    expect(images.fitted.used).toBe(0);
  });

  it('ends with its client', async () => {
    const { fetchImage, held } = fetcher();
    const stop = new AbortController();
    const asked = { images: [url('slow'), url('slow')], signal: stop.signal };
    const opening = withItemImages({ images, fetchImage }, asked, async () => 0);
    stop.abort(new Error('gone'));
    await expect(opening).rejects.toThrow('gone');
    expect(held()).toBe(0);
  });
});

describe('openImage', () => {
  it('says why an address or a picture is none', async () => {
    await expect(openImage({}, url('a'), signal)).rejects.toThrow(
      /fetches no images: send the file's bytes as a data URI, or start it with --image-urls/,
    );
    const picture: ItemImage = { kind: 'picture', collection: 'photos', id: 3 };
    await expect(openImage({}, picture, signal)).rejects.toMatchObject({
      status: 404,
      details: { code: 'collection_not_found' },
    });
  });

  it('finds the pictures of a collection', async () => {
    const pictures = [{ id: 3 }] as never[];
    const served = {
      collection: { pictures: async ([id]: readonly number[]) => (id === 3 ? pictures : []) },
      titleOf: () => 'three',
      image: async () => new Uint8Array(await red.arrayBuffer()),
    } as never;
    const collections = {
      names: async () => ['photos'],
      get: async (name: string) => {
        if (name !== 'photos') throw new HTTPException(404, { message: `no ${name}` });
        return served;
      },
      close: async () => {},
    } as unknown as ServedCollections;
    const app = appWith({ collections });
    const embed = (input: unknown) => ask(app, '/v1/embeddings', { input });
    expect(await embed([{ collection: 'photos', id: 3 }, { image: await pngUri(0, 0, 255) }])).toMatchObject({
      status: 200,
      answer: { data: [{ embedding: [1, 0, 0] }, { embedding: [0, 0, 1] }] },
    });
    expect(await embed({ collection: 'photos', id: 4 })).toMatchObject({
      status: 404,
      answer: { error: { code: 'picture_not_found', message: 'the collection photos has no picture 4' } },
    });
    expect(await embed({ collection: 'other', id: 4 })).toMatchObject({ status: 404 });
    expect(await embed({ collection: 'photos', id: -1 })).toMatchObject({
      status: 400,
      answer: { error: { param: 'input.id' } },
    });
  });
});
