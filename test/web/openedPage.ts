import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type RunningServer, serve } from '../../src/server/serve.ts';
import { findChromium, offlineContext } from './chromium.ts';

/** Chromium's program; undefined where there is none, and the tests of the page are skipped. */
export const chromiumPath = findChromium();
if (!chromiumPath && process.env['CI']) {
  throw new Error('the page cannot be tested without Chromium: apt-get install chromium, or set CHROMIUM');
}
if (!chromiumPath) console.warn('page tests skipped: no chromium in PATH; install it or set CHROMIUM');

/** How long the page may take on a busy machine. */
export const SOON = { timeout: 30_000 };

// What runs inside the page is text: the browser's names are unknown here.

export const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

export const PICTURES_LOADED = '[...document.images].every((image) => image.complete)';

export const serveQuietly = (options: Parameters<typeof serve>[0]): Promise<RunningServer> =>
  serve({ port: 0, threads: 1, signals: false, log: () => {}, ...options });

export interface OpenedPage {
  readonly page: Page;
  /** Fails if the page wanted something from elsewhere, or logged an error; closes it. */
  close(): Promise<void>;
}

/** A page with everything out of reach but this machine. @param expected an error that it may log */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
  expected?: RegExp,
): Promise<OpenedPage> {
  const { context, blocked } = await offlineContext(browser, options);
  const errors: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} ${message.location().url}`);
  });
  const close = async () => {
    await context.close();
    const unexpected = errors.filter((error) => !expected?.test(error));
    expect({ blocked, errors: unexpected }).toEqual({ blocked: [], errors: [] });
  };
  return { page, close };
}

/** Opens a page for an action, with a server's address. */
export async function withPage(
  browser: Browser,
  action: (page: Page) => Promise<void>,
  { url, ...options }: BrowserContextOptions & { readonly url: string },
): Promise<void> {
  const { page, close } = await openPage(browser, options);
  try {
    await page.goto(url);
    await action(page);
  } catch (error) {
    await page.context().close();
    throw error;
  }
  await close();
}

/** Waits until the status under the search box speaks of this query. */
export const searched = (page: Page, query: string): Promise<void> =>
  page.locator('#search-status', { hasText: `“${query}”` }).waitFor();
