import { check } from '../../../tensor/settings.ts';
import { createRegistry } from '../../../tensor/support/registry.ts';
import type { Source } from '../source.ts';
import { folder } from './folder.ts';
import { images } from './images.ts';
import { type OpenOptions, openSchema, type SourceKind } from './kind.ts';
import { shards } from './shards.ts';
import { tables } from './tables.ts';

/** All kinds of data sets that `--data` takes. */
export const sourceKinds = createRegistry<SourceKind>('kind of data set', [folder, images, shards, tables]);

/**
 * Adds a kind of data set, so that `--data` takes it. Those that were added last are asked first.
 * @returns the kind
 * @throws RangeError when another one has its name
 * @example
 * const scans = registerSource({
 *   name: 'scans',
 *   description: '.scan files (a JPEG image each)',
 *   takes: (path) => path.endsWith('.scan'),
 *   async open(paths, { name = paths.join(', ') }) {
 *     const read = async (index: number) => {
 *       const image = paths[index]!;
 *       return { sample: { key: image, source: name, image, captions: [{ text: 'a scan' }] } };
 *     };
 *     return { kind: 'indexed', name, size: paths.length, read };
 *   },
 * });
 */
export function registerSource(kind: SourceKind): SourceKind {
  sourceKinds.register(kind);
  return kind;
}

/** The kind of which all paths are; undefined where there is none. */
export const kindOf = (paths: readonly string[]): SourceKind | undefined =>
  paths.length === 0
    ? undefined
    : sourceKinds.all().findLast((kind) => paths.every((path) => kind.takes(path)));

/** Whether a file is of any kind. */
export const isData = (path: string): boolean => kindOf([path]) !== undefined;

/**
 * Opens a data set of whatever kind.
 * @param paths one folder, or files of one kind
 * @throws Error naming what is of no kind or cannot be read, and the remedy; RangeError naming the option that is none
 * @example
 * const photos = await openSource(['photos']);
 */
export async function openSource(paths: readonly string[], options: OpenOptions = {}): Promise<Source> {
  check('openSource', openSchema, options);
  // What is of no kind is refused as a shard, by the ending of its name.
  return (kindOf(paths) ?? shards).open(paths, options);
}
