import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import type { InputList } from '../../../data/inputs/input.ts';
import { drawingFormat } from '../../../search/regions/pictureFile.ts';
import { UsageError } from '../../support/errors.ts';

/** Says into which file the heatmap of a picture and a text goes. */
export type FileOf = (picture: string, text: number) => string;

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** `heat-2.png` for `heat.png` and the second of several texts. */
function numbered(path: string, text: number, texts: number): string {
  if (texts === 1) return path;
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)}-${text + 1}${ending}`;
}

/** The folder in which all paths lie. */
function commonFolder(paths: readonly string[]): string {
  const parts = paths.map((path) => dirname(resolve(path)).split(sep));
  const [first = []] = parts;
  const end = first.findIndex((part, i) => parts.some((other) => other[i] !== part));
  return first.slice(0, end < 0 ? undefined : end).join(sep) || sep;
}

/** A name as a path below a folder: keys of shards may be anything. */
const below = (name: string): string =>
  name
    .split(/[\\/]/)
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join(sep);

/** The files of a list; undefined where shards have to be read for them. */
async function pathsOf(images: InputList): Promise<string[] | undefined> {
  if (images.total === undefined) return undefined;
  const names: string[] = [];
  for await (const { input } of images.reads()) if (input) names.push(input.name);
  return names;
}

/**
 * Where heatmaps go: into the file that is named or, where it is a folder (there already, or a name without an ending), into
 * `NAME.heat.jpg` in it, with the sub-folders of the pictures.
 * @throws UsageError where one file is named for several pictures, or a format in which no pictures are drawn
 */
export async function filesFor(output: string, images: InputList, texts: number): Promise<FileOf> {
  if (isFolder(output) || /[\\/]$/.test(output) || extname(output) === '') {
    const paths = await pathsOf(images);
    const root = paths && commonFolder(paths);
    return (picture, text) => {
      const name = below(root === undefined ? picture : relative(root, resolve(picture)));
      return numbered(join(output, `${name}.heat.jpg`), text, texts);
    };
  }
  try {
    drawingFormat(output);
  } catch (error) {
    throw new UsageError(`--output is ${error instanceof Error ? error.message : String(error)}`);
  }
  if (images.total !== 1)
    throw new UsageError(
      `--output is ${JSON.stringify(output)}, one file, but there are ${images.total ?? 'many'} pictures; name a folder`,
    );
  return (_, text) => numbered(output, text, texts);
}

/** @throws Error where a file to be written is the picture itself */
export function assertOther(picture: unknown, output: string): void {
  if (typeof picture !== 'string' || !existsSync(output)) return;
  if (realpathSync(picture) === realpathSync(output))
    throw new Error(`${output} is the picture itself, which is never written; name another --output`);
}
