import { mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../../web/chromium.ts';
import { SOON } from '../../web/openedPage.ts';
import { type MadeServer, madeServer } from './madeServer.ts';
import { visit } from './visit.ts';

const executable = findChromium();

/** UPDATE_SCREENSHOT=1 makes those of the documentation anew; otherwise they only have to come about. */
const FOLDER =
  process.env['UPDATE_SCREENSHOT'] === '1'
    ? join(import.meta.dirname, '../../../docs')
    : join(tmpdir(), 'siglip2-screenshots');
/** Largest file of a picture in the documentation. */
const MOST_BYTES = 300_000;

const PICTURES_LOADED = '[...document.images].every((image) => image.complete)';

/** A picture of the page as it is, with few colours: small, and as good for what is drawn. */
async function shoot(page: Page, name: string): Promise<void> {
  await expect.poll(() => page.evaluate(PICTURES_LOADED), SOON).toBe(true);
  await page.waitForTimeout(400);
  const path = join(FOLDER, `${name}.png`);
  await sharp(await page.screenshot())
    .png({ palette: true, quality: 90, effort: 10, dither: 0.5 })
    .toFile(path);
  expect(statSync(path).size, name).toBeLessThan(MOST_BYTES);
}

const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 860 } };
const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};

describe.skipIf(!executable)('pictures of the page for the documentation', () => {
  let browser: Browser;
  let made: MadeServer;

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    [made, browser] = await Promise.all([madeServer(true), launchChromium(executable!)]);
  });

  afterAll(async () => {
    await browser?.close();
    await made?.close();
  });

  const shot = (
    name: string,
    address: string,
    context: BrowserContextOptions,
    prepare: (page: Page) => Promise<unknown>,
  ) =>
    it(name, () =>
      visit(browser, { context }, `${made.server.url}${address}`, async (page) => {
        await prepare(page);
        await shoot(page, name);
      }),
    );

  const results = (page: Page) => page.locator('a.tile img').nth(3).waitFor();

  shot('page-emoji', '?q=arcoíris', desktop, results);
  shot('page-emoji-dark', '?q=arcoíris', { ...desktop, colorScheme: 'dark' }, results);
  shot('page-collection', '?in=photos&q=strawberry', desktop, results);
  shot('page-heatmap', '?in=photos&q=tractor', desktop, async (page) => {
    await page.locator('a.tile').first().click();
    await page.getByText('Where is …', { exact: true }).click();
    await page.fill('#where-text', 'tractor');
    await page.getByText(/the whole picture fits/).waitFor(SOON);
  });
  shot('page-phone', '?in=photos&q=tractor', phone, results);
  shot('page-training', '?view=training&run=emoji&with=emoji-again', desktop, async (page) => {
    await page.locator('.chart polyline').first().waitFor();
    const plot = await page.locator('.plot').first().boundingBox();
    if (plot) await page.mouse.move(plot.x + 0.2 * plot.width, plot.y + 0.5 * plot.height);
  });
});
