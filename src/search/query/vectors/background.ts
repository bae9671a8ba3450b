import { float16ToFloat32 } from '../../../checkpoint/safetensors/castFloat.ts';
import { float32 } from '../../../tensor/index.ts';
import type { Collection } from '../../collection/collection.ts';
import { untilChanged } from '../../collection/untilChanged.ts';
import { scoresOf } from '../../cutoff/scores.ts';

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

/** By model. */
const backgrounds = untilChanged<number, Background>();

async function read(collection: Collection, model: number, width: number): Promise<Background> {
  const { vectors } = await collection.sample(model, SAMPLE);
  return { width, rows: float16ToFloat32(vectors) };
}

/** A sample of a collection's pictures, kept until the collection changes. */
export const backgroundOf = (collection: Collection, model: number, width: number): Promise<Background> =>
  backgrounds(collection, model, () => read(collection, model, width));

/** @param vector [width] of unit length */
export function spreadOf({ width, rows }: Background, vector: Float32Array): Spread {
  const count = rows.length / width;
  // So few say nothing: all parts of a query count the same then.
  if (count < FEWEST) return { mean: 0, deviation: 1 };
  const scores = scoresOf(vector, float32([count, width], rows));
  const mean = scores.reduce((sum, score) => sum + score, 0) / count;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / count;
  return { mean, deviation: Math.max(LEAST_DEVIATION, Math.sqrt(variance)) };
}
