import { source } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openPage } from '../../web/openedPage.ts';
import type { Mode } from './modes.ts';

// What runs inside the page is text: the browser's names are unknown here.

const DIRECTION = "document.documentElement.dir = 'rtl'";

/** Elements that reach beyond the page's sides, where the page itself can then be moved sideways. */
const OVERFLOW = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && (box.right > root.clientWidth + 1 || box.left < -1);
    })
    .map((element) => element.outerHTML.slice(0, 120));
})()`;

const AXE = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`;

/** Nothing overflows sideways, and axe finds nothing. */
export async function expectSound(page: Page, what: string): Promise<void> {
  // What fades is only seen when it has.
  await page.waitForTimeout(250);
  expect(await page.evaluate<string[]>(OVERFLOW), `${what}: beyond the sides`).toEqual([]);
  await page.evaluate(source);
  expect(await page.evaluate<string[]>(AXE), `${what}: axe`).toEqual([]);
}

/** Whether what has the focus shows that it has. */
export const showsFocus = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>(`(() => {
    const has = (element) => {
      const style = getComputedStyle(element);
      return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    };
    // A field that is not seen itself shows it at what stands for it.
    for (let element = document.activeElement; element && element !== document.body; element = element.parentElement)
      if (has(element)) return true;
    return false;
  })()`);

/** Opens the page in a way of looking at it; fails if it asked for anything elsewhere, or reported an error. */
export async function visit(
  browser: Browser,
  { context: options, dir, expected }: Omit<Mode, 'name'>,
  url: string,
  action: (page: Page) => Promise<void>,
): Promise<void> {
  const { page, close } = await openPage(browser, options, expected);
  try {
    if (dir === 'rtl')
      await page.addInitScript(`addEventListener('DOMContentLoaded', () => { ${DIRECTION} })`);
    await page.goto(url);
    await action(page);
  } catch (error) {
    await page.context().close();
    throw error;
  }
  await close();
}
