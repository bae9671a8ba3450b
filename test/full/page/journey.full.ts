import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveTinyModel } from '../../server/tinyModel.ts';
import { findChromium, launchChromium } from '../../web/chromium.ts';
import { SOON } from '../../web/openedPage.ts';
import { type MadeServer, madeServer } from './madeServer.ts';
import { visit } from './visit.ts';

const executable = findChromium();

describe.skipIf(!executable)('from the start to a picture that is found', () => {
  let browser: Browser;
  let made: MadeServer;

  beforeAll(async () => {
    [made, browser] = await Promise.all([madeServer(false), launchChromium(executable!)]);
    await saveTinyModel(join(made.root, 'model'));
  });

  afterAll(async () => {
    await browser?.close();
    await made?.close();
  });

  it('a local checkpoint is chosen, a folder indexed and searched, a picture opened, and what a text describes shown', () =>
    visit(browser, { context: { viewport: { width: 1280, height: 900 } } }, made.ownerUrl, async (page) => {
      await page.waitForSelector('a.tile');
      expect(page.url()).not.toContain('token');

      await page.getByRole('link', { name: 'Model' }).click();
      await page.getByLabel(/director/i).fill(join(made.root, 'model'));
      await page.keyboard.press('Enter');
      await page.locator('#model-badge', { hasNotText: 'embedded' }).waitFor(SOON);

      await page.getByRole('link', { name: 'Folders' }).click();
      // By the keyboard alone: the beginning of the path, its name from the list, the name of the collection.
      await page.getByLabel('Folder, on the machine of the server').focus();
      await page.keyboard.type(join(made.root, 'photo'));
      await page.getByRole('option', { name: 'photographs' }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      expect(await page.inputValue('#folder')).toBe(`${made.photographs}/`);
      await page.fill('#collection-name', 'mine');
      await page.keyboard.press('Enter');
      const job = page.locator('.job').first();
      await job.locator('.state', { hasText: /Done|Failed/ }).waitFor(SOON);
      expect(await job.textContent()).toContain('Done');
      await job.getByText('1 file with problems').click();
      await job.getByText('broken.jpg').waitFor();
      await page.locator('.collection', { hasText: 'mine' }).getByText('31 pictures').waitFor();

      await job.getByRole('link', { name: 'Search it' }).click();
      await page.getByRole('searchbox').fill('a dog');
      await page.locator('a.tile').first().waitFor();
      const found = page.url();
      await page.locator('a.tile').first().click();
      const picture = page.locator('dialog[open]');
      await picture.locator('img').first().waitFor();
      await picture.getByText('Where is …', { exact: true }).click();
      await page.fill('#where-text', 'a red ball');
      await picture.getByText(/the whole picture fits/).waitFor(SOON);
      await page.goBack();
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
      expect(page.url()).toBe(found);
    }));
});
