import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type RunningServer, serve } from '../../../src/server/serve.ts';
import { findChromium, launchChromium } from '../../web/chromium.ts';
import { MODES } from './modes.ts';
import { expectSound, visit } from './visit.ts';

const executable = findChromium();

describe.skipIf(!executable)('the page, however it is looked at', () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    [server, browser] = await Promise.all([
      serve({ port: 0, signals: false, log: () => {} }),
      launchChromium(executable!),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  describe.each(MODES)('$name', (mode) => {
    it('shows what it found', () =>
      visit(browser, mode, `${server.url}?q=${mode.dir ? 'אופניים' : 'bicycle'}`, async (page) => {
        await page.waitForSelector('.result');
        await expectSound(page, 'search');
      }));

    it.each(['folders', 'training', 'model'])('%s', (view) =>
      visit(browser, mode, `${server.url}?view=${view}`, async (page) => {
        await page.waitForSelector('h1');
        await expectSound(page, view);
      }),
    );
  });
});
