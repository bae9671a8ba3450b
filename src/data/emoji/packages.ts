import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { z } from 'zod';

/** The registry packages that the data set is made from. All are development dependencies of this project. */
export const emojiPackages = [
  'cldr-annotations-full',
  'cldr-annotations-derived-full',
  '@twemoji/svg',
  'emoji-datasource-google',
  'openmoji',
  '@lobehub/fluent-emoji-3d',
  '@iconify-json/emojione',
  '@iconify-json/emojione-v1',
  '@iconify-json/fxemoji',
  '@iconify-json/streamline-emojis',
  '@iconify-json/fluent-emoji-flat',
] as const;

export type EmojiPackageName = (typeof emojiPackages)[number];

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
}

const manifestSchema = z.object({ version: z.string() });
const require = createRequire(import.meta.url);

/** Finds an installed package. Throws an error that names the package and the install command if it is absent. */
export function locatePackage(name: string): InstalledPackage {
  let manifest: string;
  try {
    manifest = require.resolve(`${name}/package.json`);
  } catch (cause) {
    throw new Error(
      `The emoji data set needs the package ${name}, which is not installed; run: npm install -D ${name}`,
      { cause },
    );
  }
  const { version } = manifestSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')));
  return { name, version, directory: dirname(manifest) };
}
