import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../../web/chromium.ts';
import { SOON } from '../../web/openedPage.ts';
import { type MadeServer, madeServer } from './madeServer.ts';
import { MODES, type Mode } from './modes.ts';
import { expectSound, visit } from './visit.ts';

const executable = findChromium();
/** A folder for pictures of the page, for those who want to look at them. */
const shots = process.env['PICTURE_SHOTS'];

const mode = (wanted: string): Mode => MODES.find(({ name }) => name === wanted)!;
const focusedHref = (page: Page) =>
  page.evaluate<string | null>("document.activeElement?.getAttribute('href') ?? null");
/** Tiles that are taller than their rows. */
const TALLER = `[...document.querySelectorAll('.row.tiles a.tile')].filter((tile) =>
  tile.offsetHeight > tile.closest('.row').clientHeight + 1).length`;
const values = (page: Page) => new URL(page.url()).searchParams;

describe.skipIf(!executable)('a picture on the page', () => {
  let browser: Browser;
  let made: MadeServer;

  beforeAll(async () => {
    [made, browser] = await Promise.all([madeServer(true), launchChromium(executable!)]);
  });

  afterAll(async () => {
    await browser?.close();
    await made?.close();
  });

  const at = (how: Mode, search: string, act: (page: Page) => Promise<void>) =>
    visit(browser, how, `${made.server.url}${search}`, act);
  const shoot = async (page: Page, name: string) => {
    if (shots === undefined) return;
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(shots, `${name}.png`) });
  };
  const dialog = (page: Page) => page.locator('dialog.picture[open]');
  const isClosed = (page: Page) => dialog(page).waitFor({ state: 'detached', ...SOON });
  const heatIsDrawn = (page: Page) => page.locator('dialog[open] canvas.heat:visible').waitFor(SOON);
  const photograph = () => join(made.photographs, 'tiger.jpg');
  const give = async (page: Page) => {
    await page.setInputFiles('#file', photograph());
    await page.locator('.score').first().waitFor(SOON);
  };

  it.each([mode('desktop'), mode('right to left on a phone')])(
    'opens by a tile and closes to it again, by Escape and by Back: $name',
    (how) =>
      at(how, '?in=photos&q=a+dog', async (page) => {
        const tile = page.locator('a.tile').first();
        await tile.waitFor(SOON);
        // Also with tall pictures, tiles stay in their rows.
        await expect.poll(() => page.evaluate<number>(TALLER), SOON).toBe(0);
        const href = await tile.getAttribute('href');
        await tile.focus();
        await page.keyboard.press('Enter');
        await dialog(page).locator('.facts').waitFor(SOON);
        await shoot(page, `dialog ${how.name}`);
        await expectSound(page, `dialog, ${how.name}`);
        await page.keyboard.press('Escape');
        await isClosed(page);
        expect(values(page).has('picture')).toBe(false);
        expect(await focusedHref(page)).toBe(href);
        await page.keyboard.press('Enter');
        await dialog(page).waitFor(SOON);
        await page.goBack();
        await isClosed(page);
        expect(await focusedHref(page)).toBe(href);
      }),
  );

  it('lists copies, and leads to one of them', () =>
    at(mode('desktop'), '?in=photos&q=a+dog', async (page) => {
      await page.locator('a.tile', { hasText: 'dog' }).first().click();
      await dialog(page).locator('.others summary').click();
      await dialog(page).locator('.others img').first().waitFor(SOON);
      await shoot(page, 'copies');
      const before = values(page).get('picture');
      await dialog(page).locator('.others a').first().click();
      await expect.poll(() => values(page).get('picture'), SOON).not.toBe(before);
      await dialog(page).locator('.facts').waitFor(SOON);
      await page.goBack();
      await expect.poll(() => values(page).get('picture'), SOON).toBe(before);
    }));

  it.each([mode('dark'), mode('phone')])(
    'is given to the labels, and shows where it shows one of them: $name',
    (how) =>
      at(how, '?in=photos&q=a+tiger', async (page) => {
        await page.locator('a.tile').first().click();
        await dialog(page).locator('.facts').waitFor(SOON);
        const title = await dialog(page).locator('h2').textContent();
        await dialog(page).getByRole('button', { name: 'Label it' }).click();
        await isClosed(page);
        await page.locator('.score').first().waitFor(SOON);
        expect(await page.getAttribute('#preview', 'alt')).toBe(title);
        expect(await page.evaluate('document.activeElement.id')).toBe('classify-title');
        await page.fill('#labels', 'a tiger\na bus');
        await expect.poll(() => page.locator('.score').count(), SOON).toBe(2);
        await shoot(page, `labels ${how.name}`);
        await expectSound(page, `labels, ${how.name}`);
        await page.locator('.score .label', { hasText: 'a tiger' }).click();
        await heatIsDrawn(page);
        expect(values(page).get('where')).toBe('a tiger');
        await shoot(page, `where ${how.name}`);
        await expectSound(page, `where, ${how.name}`);
      }),
  );

  it('reads labels in sentences that somebody chooses, and remembers which', () =>
    at(mode('desktop'), '?in=photos', async (page) => {
      await give(page);
      const sent = page.waitForRequest('**/api/classify');
      await page.selectOption('#label-templates', 'class_name_only');
      expect((await sent).postData()).toContain('class_name_only');
      await page.reload();
      await page.locator('a.tile').first().waitFor(SOON);
      expect(await page.inputValue('#label-templates')).toBe('class_name_only');
      await page.selectOption('#label-templates', 'clip_best');
      await page.locator('a.tile').first().click();
      const asked = page.waitForRequest('**/v1/classify');
      await dialog(page).getByRole('button', { name: 'Label it' }).click();
      expect((await asked).postDataJSON()).toMatchObject({ templates: 'clip_best' });
    }));

  it.each([mode('desktop'), mode('phone')])(
    'looks closer at a given picture, which a page that is loaded again no longer has: $name',
    (how) =>
      at(how, '?in=photos', async (page) => {
        await page.locator('a.tile').first().waitFor(SOON);
        await give(page);
        await page.getByRole('button', { name: 'Look closer' }).click();
        await dialog(page).getByText('Similar patches').click();
        await heatIsDrawn(page);
        expect(values(page).get('picture')).toBe('given');
        await shoot(page, `patches ${how.name}`);
        await expectSound(page, `patches, ${how.name}`);
        await page.reload();
        const gone = page.locator('dialog.gone-picture[open]');
        await gone.getByText('no longer here').waitFor(SOON);
        await shoot(page, `gone ${how.name}`);
        await page.keyboard.press('Escape');
        await gone.waitFor({ state: 'detached', ...SOON });
        expect(values(page).has('picture')).toBe(false);
      }),
  );

  it('searches with a given picture, and Back takes it away', () =>
    at(mode('desktop'), '?in=photos', async (page) => {
      await give(page);
      await page.getByRole('button', { name: 'Search with this picture' }).click();
      await page.locator('#search-status', { hasText: 'picture you gave' }).waitFor(SOON);
      expect(await page.locator('.query-part').count()).toBe(1);
      expect(await page.locator('a.tile').first().textContent()).toContain('tiger');
      await page.goBack();
      await expect.poll(() => page.locator('.query-part').count(), SOON).toBe(0);
    }));

  it('offers a camera where there may be one', async () => {
    for (const [name, isSeen] of [
      ['phone', true],
      ['desktop', false],
    ] as const)
      await at(mode(name), '?in=photos', async (page) => {
        // The panel comes after the page.
        await page.locator('#camera').waitFor({ state: 'attached', ...SOON });
        expect(await page.locator('label.camera').isVisible()).toBe(isSeen);
        expect(await page.getAttribute('#camera', 'capture')).toBe('environment');
        expect(await page.getAttribute('#file', 'capture')).toBe(null);
      });
  });

  it('looks more finely with a NaFlex model, where somebody wants it', () =>
    visit(browser, mode('desktop'), 'about:blank', async (page) => {
      await page.route('**/api/model', async (route) => {
        const model = await (await route.fetch()).json();
        await route.fulfill({ json: { ...model, kind: 'naflex', maxPatches: 256 } });
      });
      const asked: unknown[] = [];
      await page.route('**/v1/heatmap', (route) => {
        const { max_patches: most, ...body } = route.request().postDataJSON();
        asked.push(most);
        return route.continue({ postData: JSON.stringify(body) });
      });
      await page.goto(`${made.server.url}?in=photos&q=a+tiger`);
      await page.locator('a.tile').first().click();
      expect(await page.locator('#heat-fineness').isVisible()).toBe(false);
      await dialog(page).getByText('Where is …', { exact: true }).click();
      await page.fill('#where-text', 'a tiger');
      await heatIsDrawn(page);
      await page.selectOption('#heat-fineness', { index: 1 });
      await expect.poll(() => asked, SOON).toEqual([undefined, 1024]);
    }));
});
