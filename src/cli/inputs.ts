import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileBytes, textLines } from '../input/text/textFile.ts';
import type { CliIo } from './io.ts';

const IMAGE_FILE = /\.(jpe?g|png|webp|avif|gif|svg)$/i;
const MAGIC = /[*?[]/;

const kindOf = async (path: string): Promise<'file' | 'directory' | undefined> => {
  const found = await stat(path).catch(() => undefined);
  if (!found) return undefined;
  return found.isDirectory() ? 'directory' : 'file';
};

/** Files below a directory, sorted by path. */
async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A glob as an expression over paths with `/`: `*` and `?` stay within a name, `**` crosses folders. */
function globExpression(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|\*|\?|\[!?[^\]]+\]|[\\^$.|+(){}[\]]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.length > 1) return token.replace(/^\[!/, '[^');
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}

/** Files that match a glob (for shells that do not expand it). */
async function filesMatching(pattern: string): Promise<string[]> {
  const parts = pattern.replaceAll(sep, '/').split('/');
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => MAGIC.test(part)),
  );
  const base = fixed.length > 0 ? fixed.join('/') || '/' : '.';
  if ((await kindOf(base)) !== 'directory') return [];
  const expression = globExpression(join(pattern).replaceAll(sep, '/'));
  return (await filesBelow(base)).filter((path) => expression.test(path.replaceAll(sep, '/')));
}

/**
 * Image files from paths, directories (all pictures below them) and globs, in the given order.
 * @throws Error naming what does not exist or holds no pictures.
 */
export async function expandImages(patterns: readonly string[]): Promise<string[]> {
  const images: string[] = [];
  for (const pattern of patterns) {
    const kind = await kindOf(pattern);
    const found =
      kind === 'file' ? [pattern] : await (kind === 'directory' ? filesBelow : filesMatching)(pattern);
    const pictures = kind === 'file' ? found : found.filter((file) => IMAGE_FILE.test(file));
    if (pictures.length === 0) {
      const fault = kind || MAGIC.test(pattern) ? 'has no image files in it' : 'no such file; check the path';
      throw new Error(`${pattern}: ${fault}`);
    }
    images.push(...pictures);
  }
  return images;
}

/**
 * The lines of a text file, or of standard input for `-`; empty lines are left out.
 * @throws Error when the file cannot be read, or names the line that is no text.
 */
export async function readLines(path: string, io: CliIo): Promise<string[]> {
  const [chunks, name] = path === '-' ? [io.stdin, 'standard input'] : [fileBytes(path), path];
  const lines: string[] = [];
  for await (const line of textLines(chunks, name)) if (line.trim() !== '') lines.push(line);
  return lines;
}
