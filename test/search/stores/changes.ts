import { resolve } from 'node:path';
import type { Change, NewPicture } from '../../../src/search/collection/change.ts';
import type { Collection, CollectionModel } from '../../../src/search/collection/collection.ts';
import type { FileFacts } from '../../../src/search/collection/picture.ts';

/** Width of the tests' vectors. */
export const WIDTH = 8;

/** A vector of unit length that depends on a number alone. */
export function vector(seed: number, width = WIDTH): Float32Array {
  const values = Float32Array.from({ length: width }, (_, i) => Math.sin(seed * 7.3 + i * (1 + seed)));
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

/** A model; those of other seeds are others. */
export const model = (seed: number, width = WIDTH): CollectionModel => ({
  name: `model-${seed}`,
  width,
  probe: vector(1000 + 10 * seed, width),
});

export const at = (path: string): string => resolve('/photos', path);

export const facts = (path: string, more: Partial<FileFacts> = {}): FileFacts => ({
  path: at(path),
  bytes: 1000,
  modified: 1_600_000_000_000,
  hash: 'a0',
  how: '',
  ...more,
});

export const picture = (seed: number, more: Partial<NewPicture> = {}): NewPicture => ({
  kind: 'image',
  at: 0,
  width: 640,
  height: 480,
  vector: vector(seed),
  ...more,
});

/** A file with one picture, whose bytes and vector come from a number. */
export const file = (
  path: string,
  seed: number,
  more: Partial<FileFacts> = {},
  picturesFacts: Partial<NewPicture> = {},
): Change => ({
  kind: 'file',
  file: facts(path, { hash: `h${seed}`, ...more }),
  pictures: [picture(seed, picturesFacts)],
});

export const gone = (path: string): Change => ({ kind: 'gone', path: at(path) });
export const bad = (path: string, reason = 'is no picture', more: Partial<FileFacts> = {}): Change => ({
  kind: 'bad',
  file: facts(path, more),
  reason,
});
export const move = (from: string, to: string, more: Partial<FileFacts> = {}): Change => ({
  kind: 'move',
  from: at(from),
  file: facts(to, more),
});

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Ids by path (without its folder), in the order of ids. */
export async function idsByName(collection: Collection): Promise<[string, number][]> {
  const pictures = await collection.list({ limit: 1000 });
  return pictures.map(({ path, id }) => [path.slice(at('').length + 1), id]);
}
