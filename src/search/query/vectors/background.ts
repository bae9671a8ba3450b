import { float16ToFloat32 } from '../../../checkpoint/safetensors/castFloat.ts';
import type { Collection } from '../../collection/collection.ts';
import { dot } from './vectors.ts';

/** Pictures that stand for the whole collection, [n, width], of unit length. */
export interface Background {
  readonly width: number;
  readonly rows: Float32Array;
}

/** How the cosines of a vector with the pictures of a collection are spread. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation, above 0. */
  readonly deviation: number;
}

/** Enough for a standard deviation that is right to 3 %. */
const SAMPLE = 1000;

/** Below these, spreads are of many copies of one picture, or of a handful. */
const LEAST_DEVIATION = 1e-3;
export const FEWEST = 8;

interface Kept {
  readonly version: number;
  readonly model: number;
  readonly background: Promise<Background>;
}

/** Of each open collection the last that was asked for. */
const kept = new WeakMap<Collection, Kept>();

async function read(collection: Collection, model: number, width: number): Promise<Background> {
  const { vectors } = await collection.sample(model, SAMPLE);
  return { width, rows: float16ToFloat32(vectors) };
}

/** A sample of a collection's pictures, kept until the collection changes. */
export async function backgroundOf(
  collection: Collection,
  model: number,
  width: number,
): Promise<Background> {
  const version = await collection.version();
  const last = kept.get(collection);
  if (last?.version === version && last.model === model) return last.background;
  const background = read(collection, model, width);
  kept.set(collection, { version, model, background });
  background.catch(() => kept.delete(collection));
  return background;
}

/** @param vector [width] of unit length */
export function spreadOf({ width, rows }: Background, vector: Float32Array): Spread {
  const count = rows.length / width;
  // So few say nothing: all parts of a query count the same then.
  if (count < FEWEST) return { mean: 0, deviation: 1 };
  const scores = Float64Array.from({ length: count }, (_, row) => dot(vector, rows, row * width));
  const mean = scores.reduce((sum, score) => sum + score, 0) / count;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / count;
  return { mean, deviation: Math.max(LEAST_DEVIATION, Math.sqrt(variance)) };
}
