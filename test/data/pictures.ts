import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll } from 'vitest';

/** A directory for one test file, removed when its tests are done. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'siglip2-data-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A small picture of one colour that depends on `seed`, encoded. */
export function picture(
  seed: number,
  format: 'png' | 'jpeg' | 'webp' = 'png',
  width = 6,
  height = 4,
): Promise<Buffer> {
  const background = { r: (seed * 37) % 256, g: (seed * 91) % 256, b: (seed * 151) % 256 };
  return sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
}

/** All items of an iterable, or the first `count`. */
export async function collect<T>(items: AsyncIterable<T>, count = Number.POSITIVE_INFINITY): Promise<T[]> {
  const result: T[] = [];
  if (count === 0) return result;
  for await (const item of items) {
    result.push(item);
    if (result.length >= count) break;
  }
  return result;
}
