import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../../web/chromium.ts';
import { type MadeServer, madeServer } from './madeServer.ts';
import { MODES } from './modes.ts';
import { expectSound, showsFocus, visit } from './visit.ts';

const executable = findChromium();

describe.skipIf(!executable)('the page, however it is looked at', () => {
  let browser: Browser;
  let made: MadeServer;

  beforeAll(async () => {
    [made, browser] = await Promise.all([madeServer(true), launchChromium(executable!)]);
  });

  afterAll(async () => {
    await browser?.close();
    await made?.close();
  });

  describe.each(MODES)('$name', (mode) => {
    const query = mode.dir ? 'אופניים' : 'bicycle';

    it.each(['emoji', 'photos'])('search of %s', (collection) =>
      visit(browser, mode, `${made.server.url}?in=${collection}&q=${query}`, async (page) => {
        await page.waitForSelector('a.tile');
        await expectSound(page, 'search');
      }),
    );

    it('a picture, opened by a tap or a click, closed by Back', () =>
      visit(browser, mode, `${made.server.url}?in=photos&q=${query}`, async (page) => {
        const first = page.locator('a.tile').first();
        await (mode.context.hasTouch ? first.tap() : first.click());
        await page.locator('dialog[open]').waitFor();
        await page.waitForLoadState('networkidle');
        await expectSound(page, 'picture');
        await page.getByText('Where is …', { exact: true }).click();
        await page.fill('#where-text', query);
        await page.getByText(/the whole picture fits/).waitFor();
        await expectSound(page, 'heatmap');
        await page.getByText('Similar patches', { exact: true }).click();
        await page.locator('.frame').click({ position: { x: 60, y: 60 } });
        await page.getByText(/patches compared/).waitFor();
        await expectSound(page, 'patches');
        await page.goBack();
        await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
        expect(await page.locator('a.tile').count()).toBeGreaterThan(0);
      }));

    it('folders', () =>
      visit(browser, mode, made.ownerUrl, async (page) => {
        await page.getByRole('link', { name: 'Folders' }).click();
        await page.locator('.collection').nth(1).waitFor();
        await expectSound(page, 'folders');
        await page.getByRole('button', { name: 'Remove… photos' }).click();
        await page.getByText('files stay as they are').waitFor();
        await expectSound(page, 'removal');
        await page.keyboard.press('Escape');
        expect(await page.getByRole('dialog').count()).toBe(0);
      }));

    it('training', () =>
      visit(browser, mode, `${made.server.url}?view=training&run=emoji`, async (page) => {
        await page.locator('.chart polyline').first().waitFor();
        await expectSound(page, 'training');
        await page.getByRole('slider', { name: 'Loss, by updates' }).focus();
        await page.keyboard.press('ArrowLeft');
        await page.locator('.where', { hasText: 'update' }).first().waitFor();
        expect(await showsFocus(page)).toBe(true);
      }));

    it('model', () =>
      visit(browser, mode, made.ownerUrl, async (page) => {
        await page.getByRole('link', { name: 'Model' }).click();
        await page.locator('h1', { hasText: 'Model' }).waitFor();
        await page.waitForLoadState('networkidle');
        await expectSound(page, 'model');
      }));
  });

  it('is used by the keyboard alone: a search, a result, a heatmap over it, and back to the result', () =>
    visit(browser, MODES[0]!, `${made.server.url}?in=photos`, async (page) => {
      const focused = "document.activeElement.closest('[data-item]')?.dataset.item";
      await page.locator('#query').focus();
      await page.keyboard.type('bicycle');
      await page.locator('#search-status', { hasText: 'bicycle' }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      expect(await page.evaluate(focused)).toBe('1');
      expect(await showsFocus(page)).toBe(true);
      await page.keyboard.press('Enter');
      await page.locator('dialog[open]').waitFor();
      for (let i = 0; i < 12; i++) {
        if (await page.evaluate("document.activeElement.name === 'picture-mode'")) break;
        await page.keyboard.press('Tab');
      }
      expect(await showsFocus(page)).toBe(true);
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Tab');
      await page.keyboard.type('bicycle');
      await page.getByText(/the whole picture fits/).waitFor();
      // The first one empties the field.
      await page.keyboard.press('Escape');
      expect(await page.inputValue('#where-text')).toBe('');
      await page.keyboard.press('Escape');
      await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
      expect(await page.evaluate(focused)).toBe('1');
    }));

  it('says what to do where it may not add folders, and where there are none to add them to', () =>
    visit(browser, MODES[0]!, `${made.server.url}?view=folders`, async (page) => {
      await page.fill('#folder', '~/My Pictures');
      await page.getByText("siglip2 index ~/'My Pictures' --name pictures").waitFor();
      expect(await page.getByRole('button', { name: 'Index it' }).count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Remove… photos' }).count()).toBe(0);
    }));
});
