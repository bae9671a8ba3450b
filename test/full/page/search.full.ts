import { join } from 'node:path';
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/encoder/embeddedModel.ts';
import type { RunningServer } from '../../../src/server/serve.ts';
import { launchChromium } from '../../web/chromium.ts';
import { chromiumPath, OVERFLOW, SOON, searched, serveQuietly, withPage } from '../../web/openedPage.ts';
import { expectSound } from './visit.ts';

const COUNT = 100_000;

/** A picture of a large collection, as the server describes it. */
const picture = (id: number) => ({
  id,
  title: `photo ${id}.jpg`,
  kind: id % 7 === 3 ? 'frame' : 'image',
  at: id % 7 === 3 ? 42 : 0,
  width: 4000,
  height: 3000,
  bytes: 3_000_000,
  modified: 1.7e12,
  taken: 1.6e12 + id * 60_000,
  latitude: 48.86,
  longitude: 2.35,
  path: `/photos/photo ${id}.jpg`,
});

const THUMBNAIL =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240" fill="teal"/></svg>';

/** Adds a collection of 100,000 pictures to what the server has; files of every tenth are gone. */
async function withPhotos(page: Page, asked: string[] = []): Promise<void> {
  const photos = {
    ...{ name: 'photos', description: 'photos', fixed: false, pictures: COUNT, searchable: true },
    ...{ models: [], folders: [{ path: '/photos', indexed: 1.7e12 }], note: null },
  };
  await page.route('**/v1/collections', async (route) => {
    const { collections } = await (await route.fetch()).json();
    await route.fulfill({ json: { collections: [...collections, photos], note: null } });
  });
  await page.route('**/v1/collections/photos/ids*', (route) => {
    asked.push(new URL(route.request().url()).search);
    const ids = Array.from({ length: COUNT }, (_, i) => COUNT - i);
    return route.fulfill({ json: { ids, version: 1, cut: false } });
  });
  await page.route('**/v1/collections/photos/pictures', (route) => {
    const { ids }: { ids: number[] } = route.request().postDataJSON();
    return route.fulfill({ json: { pictures: ids.map(picture) } });
  });
  await page.route('**/v1/collections/photos/pictures/*/thumbnail*', (route) =>
    route.fulfill({ contentType: 'image/svg+xml', body: THUMBNAIL }),
  );
  const search = (route: Route) => {
    const body: { collection?: string; limit: number } = route.request().postDataJSON();
    if (body.collection !== 'photos') return route.continue();
    asked.push(JSON.stringify(body));
    const hits = Array.from({ length: body.limit }, (_, i) => ({
      ...picture(i + 1),
      ...{ score: 0.1, probability: 0.9 - i / 2000, fits: i < 5, more: [] },
    }));
    const found = { collection: 'photos', fits: true, cut_texts: [], milliseconds: 1, total: COUNT, hits };
    return route.fulfill({ json: found });
  };
  await page.route('**/v1/search', search);
}

const TILES = "document.querySelectorAll('.tile').length";
const focused = (page: Page) =>
  page.evaluate<number>("Number(document.activeElement.closest('[data-item]')?.dataset.item ?? -1)");
const columns = (page: Page) =>
  page.evaluate<number>("Number(document.querySelector('[role=grid]').getAttribute('aria-colcount'))");

describe.skipIf(!chromiumPath)('search on the page', () => {
  let browser: Browser;
  let server: RunningServer;
  let url: string;

  beforeAll(async () => {
    const collections = join(import.meta.dirname, 'no-collections');
    [server, browser] = await Promise.all([
      serveQuietly({ model: EMBEDDED_MODEL, collections }),
      launchChromium(chromiumPath!),
    ]);
    url = server.url;
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const at = (search: string, act: (page: Page, asked: string[]) => Promise<void>, options = {}) =>
    withPage(
      browser,
      async (page) => {
        const asked: string[] = [];
        await withPhotos(page, asked);
        await page.goto(`${url}${search}`);
        await page.waitForSelector('a.tile .name:not(:empty)');
        await act(page, asked);
      },
      { url: 'about:blank', ...options },
    );

  it('shows 100,000 pictures with few elements, wherever it is scrolled', () =>
    at('?in=photos', async (page) => {
      expect(await page.textContent('#search-status')).toBe('100,000 pictures');
      for (const part of [0, 0.3, 0.9999, 0.5]) {
        await page.evaluate(`scrollTo(0, document.documentElement.scrollHeight * ${part})`);
        await expect
          .poll(() => page.evaluate<number>("document.querySelectorAll('.tile.waiting').length"), SOON)
          .toBe(0);
        expect(await page.evaluate<number>(TILES)).toBeLessThan(120);
        expect(await page.evaluate<number>(TILES)).toBeGreaterThan(5);
      }
    }));

  it('moves by keys as a grid does, also to what has not been drawn yet', () =>
    at('?in=photos', async (page) => {
      await page.focus('#query');
      await page.keyboard.press('ArrowDown');
      expect(await focused(page)).toBe(0);
      const wide = await columns(page);
      const go = async (key: string) => {
        await page.keyboard.press(key);
        return focused(page);
      };
      expect(await go('ArrowRight')).toBe(1);
      expect(await go('ArrowDown')).toBe(1 + wide);
      expect(await go('End')).toBe(2 * wide - 1);
      expect(await go('Home')).toBe(wide);
      expect(await go('Control+End')).toBe(COUNT - 1);
      const row = "Number(document.activeElement.closest('[role=row]').getAttribute('aria-rowindex'))";
      expect(await page.evaluate<number>(row)).toBe(Math.ceil(COUNT / wide));
      const before = await go('PageUp');
      expect((COUNT - 1 - before) % wide).toBe(0);
      expect(COUNT - 1 - before).toBeGreaterThan(wide);
      expect(await go('Control+Home')).toBe(0);
      // Scrolled away, the one with the focus stays.
      await page.evaluate('scrollTo(0, 500000)');
      await page.waitForTimeout(200);
      expect(await go('ArrowRight')).toBe(1);
      expect(await page.evaluate<number>('scrollY')).toBeLessThan(1000);
      await page.evaluate("document.documentElement.dir = 'rtl'");
      expect(await go('ArrowRight')).toBe(0);
      await page.keyboard.press('Escape');
      expect(await page.evaluate('document.activeElement.id')).toBe('query');
      await page.evaluate('document.activeElement.blur()');
      await page.keyboard.press('/');
      expect(await page.evaluate('document.activeElement.id')).toBe('query');
    }));

  it('asks for more hits as somebody scrolls, and marks those that do not fit', () =>
    at('?in=photos&q=bicycle', async (page, asked) => {
      await searched(page, 'bicycle');
      expect(await page.textContent('#search-status')).toBe('“bicycle”: 5 of 100,000 pictures fit.');
      expect(await page.locator('.row:not(.far) a.tile').count()).toBe(5);
      expect(await page.textContent('.row.heading h2')).toBe('Further away');
      await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
      await expect.poll(() => asked.some((body) => body.includes('"limit":300')), SOON).toBe(true);
    }));

  it('keeps filters, parts and what is not wanted in the address, and Back takes them away', () =>
    at('?in=photos', async (page, asked) => {
      await page.click('#filters');
      await page.fill('#filter-from', '2024-05-01');
      await page.fill('#filter-to', '2024-05-31');
      await page.fill('#filter-place', '48.86, 2.35');
      await page.uncheck('#filter-form [value=page]');
      await page.click('#filter-form .primary');
      await expect.poll(() => asked.length, SOON).toBe(2);
      const filter = new URLSearchParams(asked[1]);
      expect([filter.get('from'), filter.get('before'), filter.get('near')]).toEqual([
        '2024-05-01',
        '2024-06-01',
        '48.86,2.35,10',
      ]);
      expect(filter.getAll('kinds')).toEqual(['image', 'frame']);
      await page.fill('#query', 'beach');
      await searched(page, 'beach');
      await page.press('#query', 'Enter');
      await page.click('.box button.tool');
      await page.fill('#without', 'snow');
      await page.press('#without', 'Enter');
      await page.locator('#search-status', { hasText: 'without “snow”' }).waitFor();
      await page.hover('a.tile');
      await page.click('.alike >> nth=0');
      await page.locator('#search-status', { hasText: 'the chosen picture' }).waitFor();
      const values = new URL(page.url()).searchParams;
      expect([values.get('like'), values.get('not'), values.get('from')]).toEqual([
        '1',
        'snow',
        '2024-05-01',
      ]);
      expect(JSON.parse(asked.at(-1)!)).toMatchObject({ like: [1], not: { texts: ['snow'] } });
      // A part is turned into one that is not wanted.
      await page.click('.query-part .turn >> nth=0');
      await expect.poll(() => new URL(page.url()).searchParams.get('unlike'), SOON).toBe('1');
      for (let i = 0; i < 3; i++) await page.goBack();
      await searched(page, 'beach');
      expect(await page.locator('.query-part').count()).toBe(0);
      for (let i = 0; i < 2; i++) await page.goBack();
      await expect.poll(() => page.textContent('#search-status'), SOON).toBe('100,000 pictures');
      expect(await page.inputValue('#query')).toBe('');
    }));

  it.each([
    ['a wide window', { viewport: { width: 1440, height: 900 } }],
    ['a small phone in the dark', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
  ])('is sound in %s', (name, options) =>
    at(
      '?in=photos&q=beach&not=snow&like=7&from=2024-05-01',
      async (page) => {
        await searched(page, 'beach');
        await expectSound(page, name);
        await page.click('#filters');
        await expectSound(page, `${name}, filters`);
        expect(await page.evaluate<number>(OVERFLOW)).toBe(0);
      },
      options,
    ),
  );
});
