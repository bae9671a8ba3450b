import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';

/** The rows of a file that `siglip2 embed --output` wrote. */
export async function readEmbeddings(path: string): Promise<Float32Array[]> {
  const file = await openSafetensors(path);
  try {
    const { data, shape } = await file.readFloat32('embeddings');
    const [rows, width] = shape as [number, number];
    return Array.from({ length: rows }, (_, i) => data.slice(i * width, (i + 1) * width));
  } finally {
    await file.close();
  }
}

export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    ofA += a[i]! ** 2;
    ofB += b[i]! ** 2;
  }
  return dot / Math.sqrt(ofA * ofB);
}

/** The smallest cosine between rows of the same place. */
export const leastCosine = (a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number =>
  Math.min(...a.map((row, i) => cosine(row, b[i]!)));
