import { readFileSync } from 'node:fs';
import { z } from 'zod';

const FOLDER = new URL('../../../parity/fixtures/images/', import.meta.url);

const KINDS = { uint8: Uint8Array, float32: Float32Array, float64: Float64Array, int32: Int32Array };
const INDEX = z.record(
  z.string(),
  z.object({
    dtype: z.enum(['uint8', 'float32', 'float64', 'int32']),
    shape: z.array(z.int()),
    offset: z.int(),
  }),
);

const index = INDEX.parse(JSON.parse(readFileSync(new URL('arrays.json', FOLDER), 'utf8')));
const bytes = Uint8Array.from(readFileSync(new URL('arrays.bin', FOLDER))).buffer;

export interface Reference {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Float32Array | Float64Array | Int32Array;
}

/** An array that parity/images.py stored. */
export function reference(name: string): Reference {
  const entry = index[name];
  if (entry === undefined) throw new Error(`parity/images.py stored no array named ${name}`);
  const length = entry.shape.reduce((product, n) => product * n, 1);
  return { shape: entry.shape, data: new KINDS[entry.dtype](bytes, entry.offset, length) };
}

/** Names of stored arrays that start with a prefix, without it. */
export const referencesOf = (prefix: string): string[] =>
  Object.keys(index)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));

export const file = (name: string): Uint8Array => readFileSync(new URL(name, FOLDER));

/** Path of an encoded file. */
export const pathOf = (name: string): string => new URL(name, FOLDER).pathname;

/** Largest absolute difference; infinite when the lengths differ or a value is NaN. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
