import type { BrowserContextOptions } from 'playwright-core';

/** A way in which somebody looks at the page. */
export interface Mode {
  readonly name: string;
  readonly context: BrowserContextOptions;
  /** The direction in which the document is written. */
  readonly dir?: 'rtl';
  /** What the browser reports because the test makes it happen, such as a wrong key. */
  readonly expected?: RegExp;
}

const desktop = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

export const MODES: readonly Mode[] = [
  { name: 'desktop', context: desktop },
  { name: 'dark', context: { ...desktop, colorScheme: 'dark' } },
  { name: 'phone', context: phone },
  {
    name: 'narrow and dark',
    context: { ...phone, viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
  },
  { name: 'right to left', context: desktop, dir: 'rtl' },
  { name: 'right to left on a phone', context: phone, dir: 'rtl' },
  { name: 'forced colours', context: { ...desktop, forcedColors: 'active' } },
  { name: 'forced colours, dark', context: { ...desktop, forcedColors: 'active', colorScheme: 'dark' } },
  { name: 'reduced motion', context: { ...desktop, reducedMotion: 'reduce' } },
];
