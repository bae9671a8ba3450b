import { expect, it } from 'vitest';
import { absentPackagesMessage, emojiPackages, locatePackage } from '../../../datasets/emoji/packages.ts';

it('finds every source package and its version', () => {
  for (const name of emojiPackages) expect(locatePackage(name).version).toMatch(/^\d+\.\d+\.\d+/);
});

it('names an absent package and the remedy', () => {
  expect(() => locatePackage('@siglip2/no-such-drawings')).toThrow(
    'needs the package @siglip2/no-such-drawings, which is not installed; run: npm install -D @siglip2/no-such-drawings',
  );
});

it('names all absent packages, and one command for the tested versions', () => {
  expect(absentPackagesMessage(['openmoji', '@twemoji/svg'], { openmoji: '17.0.0' })).toBe(
    'The emoji data set needs 2 packages that are not installed; run: npm install -D openmoji@17.0.0 @twemoji/svg',
  );
});
