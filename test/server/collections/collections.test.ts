import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { storeOf } from '../../../src/search/stores/stores.ts';
import { createCollections } from '../../../src/server/collections/createCollections.ts';
import { HOST, json, onConnection } from '../requests.ts';
import { hasFfmpeg, serveOwnPictures } from './ownCollection.ts';

const pictureJson = z.looseObject({
  id: z.number(),
  title: z.string(),
  kind: z.string(),
  path: z.string().nullable(),
  width: z.number(),
  height: z.number(),
});

let own: Awaited<ReturnType<typeof serveOwnPictures>>;
beforeAll(async () => {
  own = await serveOwnPictures();
}, 60_000);
afterAll(() => own.close());

const get = (path: string, headers = {}) =>
  own.app.request(path, { headers: { ...HOST, ...headers } }, onConnection('10.0.0.7'));
const post = (path: string, body: unknown) => own.app.request(path, json(body), onConnection('10.0.0.7'));
const pictures = '/v1/collections/mine/pictures';

async function ids(query = ''): Promise<number[]> {
  const answer = await get(`/v1/collections/mine/ids${query}`);
  return z.object({ ids: z.array(z.number()) }).parse(await answer.json()).ids;
}

async function described(some: readonly number[], headers = {}) {
  const init = json({ ids: some });
  const request = { ...init, headers: { ...HOST, 'content-type': 'application/json', ...headers } };
  const answer = await own.app.request(pictures, request, onConnection('127.0.0.1'));
  return z.object({ pictures: z.array(pictureJson) }).parse(await answer.json()).pictures;
}

async function idOf(title: string): Promise<number> {
  const found = (await described(await ids())).find((one) => one.title === title);
  if (!found) throw new Error(`there is no ${title}`);
  return found.id;
}

const pixels = async (answer: Response) =>
  sharp(await answer.arrayBuffer())
    .raw()
    .toBuffer({ resolveWithObject: true });

/** The kind of colour of a pixel. */
function colourAt({ data, info }: Awaited<ReturnType<typeof pixels>>, x: number, y: number): string {
  const [r = 0, g = 0, b = 0] = data.subarray((y * info.width + x) * info.channels);
  return r > 150 && b < 120 ? 'red' : b > 150 && r < 120 ? 'blue' : g > 150 ? 'green' : 'other';
}

const messageOf = async (answer: Response) =>
  z.object({ error: z.object({ message: z.string() }) }).parse(await answer.json()).error.message;

describe('the list', () => {
  it('has the emoji first, then the collections of the place, with their models and folders', async () => {
    const answer = await get('/v1/collections');
    expect(await answer.json()).toMatchObject({
      collections: [
        { name: 'emoji', fixed: true, pictures: 6, searchable: true },
        {
          ...{ name: 'mine', fixed: false, pictures: hasFfmpeg ? 8 : 5, searchable: true },
          // Where they lie is the owner's matter.
          ...{ models: [{ name: 'model', served: true }], folders: [{ path: 'Holidays' }], note: null },
        },
      ],
      note: null,
    });
  });

  it('lists what the served model cannot search, and says by which one it was indexed', async () => {
    const other = createCollections({ location: own.location, log: () => {} });
    const probe = {
      ...own.encoder,
      width: 3,
      embedTexts: async () => ({ ...(await own.encoder.embedTexts(['a'])) }),
    };
    const collections = other.serving({ encoder: { ...probe }, name: 'another' });
    const served = await collections.get('mine');
    expect(await served.model()).toBeUndefined();
    await other.close();
  });

  it('says what is wrong with a place that cannot be read, once, and serves the emoji', async () => {
    const file = join(own.home, 'file');
    await writeFile(file, '');
    const lines: string[] = [];
    const broken = createCollections({
      location: 'postgres://nobody@127.0.0.1:1/none?connect_timeout=1',
      log: (line) => void lines.push(line),
    });
    const serving = broken.serving({ encoder: own.encoder, name: 'tiny' });
    const names = serving.names();
    expect(await names).toEqual([]);
    expect(serving.problem()).toContain('the collections cannot be read');
    await serving.names();
    expect(lines).toHaveLength(1);
    await expect(serving.get('mine')).rejects.toMatchObject({ status: 503 });
    await broken.close();
  });
});

describe('pictures', () => {
  it('have ids, newest first, and facts; a filter leaves some out', async () => {
    const all = await ids();
    expect(all).toEqual([...all].sort((a, b) => b - a));
    const titles = (await described(all)).map(({ title }) => title);
    expect(titles).toEqual(expect.arrayContaining(['turned.jpg', 'clear.png', 'pages.pdf, page 2']));
    const some = await described(await ids('?folder=Holidays/2024'));
    expect(some.map(({ title }) => title)).toEqual(['clear.png']);
    expect((await ids('?kinds=page')).length).toBe(2);
    expect((await ids('?min_side=90&kinds=image')).length).toBe(1);
    expect(await messageOf(await get('/v1/collections/mine/ids?folder=/etc'))).toContain('Holidays');
    expect((await get('/v1/collections/mine/ids?from=yesterday')).status).toBe(400);
  });

  it('show the whole path to the machine itself, its folder to others', async () => {
    const id = await idOf('clear.png');
    const whole = join(own.folder, '2024', 'clear.png');
    expect(await described([id])).toMatchObject([{ path: whole }]);
    const proxied = { 'x-forwarded-for': '8.8.8.8' };
    expect(await described([id], proxied)).toMatchObject([{ path: 'Holidays/2024/clear.png' }]);
    const answer = await post('/v1/search', { collection: 'mine', like: [id], all: true });
    expect(await answer.text()).not.toContain(own.home);
  });

  it('are 404 where there is no such collection or picture', async () => {
    const none = await get('/v1/collections/none/ids');
    expect(none.status).toBe(404);
    expect(await messageOf(none)).toContain('emoji, mine');
    expect((await get(`${pictures}/9999/thumbnail`)).status).toBe(404);
    expect((await get(`${pictures}/..%2F..%2Fetc%2Fpasswd/thumbnail`)).status).toBe(400);
    expect(await described([9999])).toEqual([]);
  });
});

describe('thumbnails', () => {
  it('are upright, no larger than asked for or than the picture, and keep alpha', async () => {
    const turned = await pixels(await get(`${pictures}/${await idOf('turned.jpg')}/thumbnail?side=128`));
    expect(turned.info).toMatchObject({ width: 64, height: 128 });
    expect([colourAt(turned, 32, 20), colourAt(turned, 32, 108)]).toEqual(['red', 'blue']);
    const clear = await pixels(await get(`${pictures}/${await idOf('clear.png')}/thumbnail`));
    expect(clear.info).toMatchObject({ width: 100, height: 80, channels: 4 });
    expect(clear.data[3]).toBeGreaterThan(100);
    expect(clear.data[3]).toBeLessThan(150);
    expect((await get(`${pictures}/1/thumbnail?side=5000`)).status).toBe(400);
  });

  it('are of the page, or of the frame at its time', async () => {
    const page = await pixels(await get(`${pictures}/${await idOf('pages.pdf, page 2')}/image`));
    expect(page.info).toMatchObject({ width: 1024, height: 512 });
    expect(colourAt(page, 500, 250)).toBe('green');
    if (!hasFfmpeg) return;
    const first = await pixels(await get(`${pictures}/${await idOf('film.mp4, 0:00')}/thumbnail`));
    const last = await pixels(await get(`${pictures}/${await idOf('film.mp4, 0:02')}/thumbnail`));
    expect([colourAt(first, 30, 20), colourAt(last, 30, 20)]).toEqual(['red', 'blue']);
  });

  it('are kept, told apart by a tag, and asked about again for nothing', async () => {
    const address = `${pictures}/${await idOf('turned.jpg')}/thumbnail?side=64`;
    const first = await get(address);
    const tag = first.headers.get('etag')!;
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const again = await get(address, { 'if-none-match': tag });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await get(address, { 'if-none-match': '"other"' })).status).toBe(200);
    // It is kept after it is answered.
    await vi.waitFor(async () => {
      const files = await readdir(own.cache, { recursive: true });
      expect(files.map((file) => basename(file))).toContain(`${tag.slice(3, -1)}.webp`);
    }, 5000);
  });

  it('are 404 where the file is gone or has changed, without its place', async () => {
    const id = await idOf('gone.png');
    const { headers } = await get(`${pictures}/${id}/thumbnail`);
    await writeFile(join(own.folder, 'gone.png'), 'something else');
    const changed = await get(`${pictures}/${id}/image`);
    expect([changed.status, await messageOf(changed)]).toEqual([404, expect.stringContaining('has changed')]);
    await rm(join(own.folder, 'gone.png'));
    const gone = await get(`${pictures}/${id}/thumbnail`, { 'if-none-match': headers.get('etag')! });
    const message = await messageOf(gone);
    expect([gone.status, message]).toEqual([404, expect.stringContaining('gone.png: its file is gone')]);
    expect(message).not.toContain(own.home);
  });

  it('of emoji come from the model', async () => {
    const answer = await get('/v1/collections/emoji/pictures/3/thumbnail');
    expect((await pixels(answer)).info).toMatchObject({ width: 16, height: 16, channels: 4 });
    expect((await get('/v1/collections/emoji/pictures/0/thumbnail')).status).toBe(404);
  });
});

describe('search', () => {
  const hitsOf = async (body: object) => {
    const answer = await post('/v1/search', { all: true, ...body });
    return z
      .object({ total: z.number(), hits: z.array(pictureJson) })
      .loose()
      .parse(await answer.json());
  };

  it('finds by texts, images and pictures, of what a filter leaves', async () => {
    const id = await idOf('turned.jpg');
    const data = await sharp(join(own.folder, 'turned.jpg')).autoOrient().jpeg({ quality: 95 }).toBuffer();
    const image = { image: `data:image/jpeg;base64,${data.toString('base64')}` };
    const byImage = await hitsOf({ collection: 'mine', images: [image], limit: 1 });
    expect(byImage.hits.map(({ id }) => id)).toEqual([id]);
    const like = await hitsOf({ collection: 'mine', like: [id], filter: { kinds: ['image'] } });
    expect(like.total).toBe(3);
    expect(like.hits.map((hit) => hit.id)).not.toContain(id);
    const pages = await hitsOf({
      collection: 'mine',
      texts: ['a'],
      not: { texts: ['b'] },
      filter: { kinds: ['page'] },
    });
    expect(pages.hits).toMatchObject([{ kind: 'page', more: [{ title: expect.stringContaining('page') }] }]);
    const apart = await hitsOf({
      collection: 'mine',
      texts: ['a'],
      filter: { kinds: ['page'] },
      grouped: false,
    });
    expect(apart.hits).toHaveLength(2);
    const { hits } = await hitsOf({ texts: ['disc'] });
    // Of six discs two are variants of others.
    expect([hits.length, hits[0]?.path]).toEqual([4, null]);
  });

  it('says what is wrong with a query', async () => {
    const wrong = async (body: object) => {
      const answer = await post('/v1/search', { collection: 'mine', ...body });
      return [answer.status, await messageOf(answer)];
    };
    expect(await wrong({})).toEqual([400, expect.stringContaining('asks for nothing')]);
    expect(await wrong({ like: [9999] })).toEqual([400, expect.stringContaining('9999')]);
    expect(await wrong({ images: ['a text'] })).toEqual([400, expect.stringContaining('images: is a text')]);
    expect(await wrong({ texts: ['a'], limit: 1001 })).toEqual([400, expect.stringContaining('limit')]);
  });

  it('is not begun for one who is gone', async () => {
    const gone = new AbortController();
    gone.abort();
    const body = json({ collection: 'mine', texts: ['x'] });
    const answer = await own.app.request('/v1/search', { ...body, signal: gone.signal }, onConnection('::1'));
    expect(await messageOf(answer)).toBe('the client is gone');
  });
});

describe('regions', () => {
  it('are where texts and patches are alike', async () => {
    const image = { collection: 'mine', id: await idOf('turned.jpg') };
    const heat = await post('/v1/heatmap', { image, texts: ['red', 'blue'] });
    const { results } = z
      .object({ results: z.array(z.looseObject({ values: z.array(z.array(z.number())) })) })
      .parse(await heat.json());
    expect(results).toMatchObject([
      { text: 'red', rows: 2, columns: 2, area: { x1: 0, y1: 0, x2: 1, y2: 1 } },
      { text: 'blue' },
    ]);
    for (const { values } of results)
      expect([Math.min(...values.flat()), Math.max(...values.flat())]).toEqual([0, 1]);
    const png = await post('/v1/heatmap', { image, texts: ['red'], format: 'png' });
    expect((await pixels(png)).info).toMatchObject({ width: 200, height: 400 });
    const patches = await post('/v1/patches', { image, x: 0.9, y: 0.1 });
    expect(await patches.json()).toMatchObject({
      row: 0,
      column: 1,
      values: [[expect.any(Number), 1], [{}, {}].map(() => expect.any(Number))],
    });
    const outside = await post('/v1/patches', { image, row: 0, column: 2 });
    expect([outside.status, await messageOf(outside)]).toEqual([400, expect.stringContaining('column')]);
    expect((await post('/v1/patches', { image })).status).toBe(400);
    expect((await post('/v1/heatmap', { image, texts: ['a'], max_patches: 4 })).status).toBe(400);
  });
});

describe('others', () => {
  it('write while it is served, and remove it', async () => {
    const before = await ids();
    await sharp({ create: { width: 30, height: 30, channels: 3, background: 'navy' } })
      .png()
      .toFile(join(own.folder, 'new.png'));
    await own.index();
    const after = await ids();
    // One is gone, one is new.
    expect([after.length, Math.max(...after)]).toEqual([before.length, Math.max(...before) + 1]);
    await own.forget('mine');
    await storeOf(own.location).remove(own.location, 'mine');
    expect((await get('/v1/collections/mine/ids')).status).toBe(404);
    const answer = await get('/v1/collections');
    expect(await answer.json()).toMatchObject({
      collections: [{ name: 'emoji' }],
      note: expect.stringContaining('siglip2 index'),
    });
  });
});
