import { fileURLToPath } from 'node:url';
import { openSafetensors } from '../../src/checkpoint/safetensors/reader.ts';
import type { NdArray } from '../../src/tensor/index.ts';

/** Absolute path of a file in parity/fixtures. */
export const fixturePath = (path: string): string =>
  fileURLToPath(new URL(`../../parity/fixtures/${path}`, import.meta.url));

/** All tensors of a fixture file. */
export async function readFixture(path: string): Promise<Map<string, NdArray>> {
  const file = await openSafetensors(fixturePath(path));
  try {
    const tensors = new Map<string, NdArray>();
    for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
    return tensors;
  } finally {
    await file.close();
  }
}

/** max |a − b| / max |b|: the error relative to the reference's scale. */
export function relativeError(actual: NdArray | undefined, expected: NdArray | undefined): number {
  if (!actual || !expected) throw new Error('nothing to compare');
  if (actual.data.length !== expected.data.length) {
    throw new Error(`lengths differ: ${actual.data.length} and ${expected.data.length}`);
  }
  let error = 0;
  let scale = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const difference = Math.abs(Number(actual.data[i]) - Number(expected.data[i]));
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    error = Math.max(error, difference);
    scale = Math.max(scale, Math.abs(Number(expected.data[i])));
  }
  return scale === 0 ? error : error / scale;
}
