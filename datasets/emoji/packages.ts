import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { z } from 'zod';

/** The registry packages that the data set is made from. All are development dependencies of this project. */
export const basePackages = [
  'cldr-annotations-full',
  'cldr-annotations-derived-full',
  '@twemoji/svg',
  'emoji-datasource-google',
  'openmoji',
  '@lobehub/fluent-emoji-3d',
] as const;

/** Icon sets that draw some of the emoji, for training: only who names their styles needs them. */
const iconSetPackages = [
  '@iconify-json/emojione',
  '@iconify-json/emojione-v1',
  '@iconify-json/fxemoji',
  '@iconify-json/streamline-emojis',
  '@iconify-json/fluent-emoji-flat',
] as const;

export const emojiPackages = [...basePackages, ...iconSetPackages] as const;

export type EmojiPackageName = (typeof emojiPackages)[number];

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
}

const manifestSchema = z.object({ version: z.string() });
const ownManifestSchema = z.object({ devDependencies: z.record(z.string(), z.string()) });
const require = createRequire(import.meta.url);

/** Where a package's package.json is, unless the package is absent. */
function manifestOf(name: string): string | undefined {
  try {
    return require.resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
}

/** The versions that this project is tested with; none where its package.json cannot be read (a bundle has none). */
function testedVersions(): Readonly<Record<string, string>> {
  try {
    const own: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    return ownManifestSchema.parse(own).devDependencies;
  } catch {
    return {};
  }
}

/** One command that installs all that is absent. */
export function absentPackagesMessage(
  absent: readonly string[],
  versions: Readonly<Record<string, string>>,
): string {
  const specifiers = absent.map((name) => (versions[name] ? `${name}@${versions[name]}` : name));
  const missing =
    absent.length === 1
      ? `the package ${absent[0]}, which is not installed`
      : `${absent.length} packages that are not installed`;
  return `The emoji data set needs ${missing}; run: npm install -D ${specifiers.join(' ')}`;
}

/**
 * Finds an installed package.
 * @throws Error if it is absent. It names every package of the data set that is and will be needed, so that one installation is enough.
 */
export function locatePackage(name: string): InstalledPackage {
  const manifest = manifestOf(name);
  if (manifest === undefined) {
    const needed = iconSetPackages.some((one) => one === name) ? emojiPackages : basePackages;
    const absent = [...new Set([name, ...needed])].filter((one) => manifestOf(one) === undefined);
    throw new Error(absentPackagesMessage(absent, testedVersions()));
  }
  const { version } = manifestSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')));
  return { name, version, directory: dirname(manifest) };
}
