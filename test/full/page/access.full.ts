import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, serve } from '../../../src/server/serve.ts';
import { saveTinyModelWithGallery } from '../../server/tinyModel.ts';
import { findChromium, launchChromium } from '../../web/chromium.ts';
import { SOON } from '../../web/openedPage.ts';
import { MODES } from './modes.ts';
import { expectSound, showsFocus, visit } from './visit.ts';

const executable = findChromium();
const KEY = 'a-key-of-sixteen-letters-or-more';

describe.skipIf(!executable)('a server with a key', () => {
  const root = mkdtempSync(join(tmpdir(), 'siglip2-key-'));
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    await saveTinyModelWithGallery(root, 24);
    [server, browser] = await Promise.all([
      serve({ model: root, port: 0, threads: 1, signals: false, apiKeys: [KEY], log: () => {} }),
      launchChromium(executable!),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(root, { recursive: true, force: true });
  });

  const give = async (page: Page, key: string) => {
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.keyboard.press('Enter');
  };

  it('is asked with a key, which the page asks for once; wrong ones are told, and the session can be ended', () =>
    visit(
      browser,
      {
        context: { viewport: { width: 390, height: 844 } },
        // The browser's own word on the wrong key.
        expected: /401 .*\/v1\/login$/,
      },
      server.url,
      async (page) => {
        await page.getByRole('dialog').waitFor();
        expect(await showsFocus(page)).toBe(true);
        await give(page, 'wrong');
        await page.getByRole('alert').filter({ hasText: 'none of this server' }).waitFor();
        await expectSound(page, 'key');
        await give(page, KEY);
        await page.waitForSelector('a.tile img');
        expect(await page.getByRole('dialog').count()).toBe(0);
        await expect
          .poll(
            () =>
              page.evaluate(
                "[...document.querySelectorAll('a.tile img')].slice(0, 4).every((image) => image.complete && image.naturalWidth > 0)",
              ),
            SOON,
          )
          .toBe(true);
        // Known from now on.
        await page.reload();
        await page.waitForSelector('a.tile');
        await page.getByRole('button', { name: 'Log out' }).click();
        await page.getByRole('dialog').waitFor();
        await page.waitForTimeout(200);
        expect(await page.locator('a.tile').count()).toBe(0);
      },
    ));

  it.each(MODES)('asks for it soundly: $name', (mode) =>
    visit(browser, mode, server.url, async (page) => {
      await page.getByRole('dialog').waitFor();
      await expectSound(page, 'key');
    }),
  );
});
