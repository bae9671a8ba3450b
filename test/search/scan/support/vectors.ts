import { float32ToFloat16 } from '../../../../src/checkpoint/safetensors/castFloat.ts';
import type { Neighbour, StoredVectors } from '../../../../src/search/collection/collection.ts';
import { innerProduct } from '../../../../src/search/collection/vectors/innerProduct.ts';
import { createRandom, type Random } from '../../../../src/tensor/random.ts';

/** Vectors by id, float16 as bits: what a store would keep. */
export type Truth = Map<number, Uint16Array>;

function unit(values: Float32Array): Float32Array {
  const norm = Math.hypot(...values) || 1;
  return values.map((value) => value / norm);
}

export const randomUnit = (random: Random, width: number): Float32Array =>
  unit(Float32Array.from({ length: width }, () => random.normal()));

/** A vector near another one: what a copy of a picture has. */
export const nearTo = (random: Random, centre: Float32Array, distance: number): Float32Array =>
  unit(centre.map((value) => value + (distance * random.normal()) / Math.sqrt(centre.length)));

export const half = float32ToFloat16;

/** Vectors, some alone, some in groups of near copies, some equal to the bit, some zero. */
export function someTruth(seed: number, width: number, count: number): Truth {
  const random = createRandom(seed, 'vectors', width, count);
  const centres = Array.from({ length: 3 }, () => randomUnit(random, width));
  const truth: Truth = new Map();
  for (let id = 1; id <= count; id++) {
    const centre = random.pick(centres);
    const kinds = [
      () => randomUnit(random, width),
      () => nearTo(random, centre, 1e-3),
      () => nearTo(random, centre, 0.1),
      () => centre,
      () => new Float32Array(width),
    ];
    truth.set(id * 3, half(random.pick(kinds)()));
  }
  return truth;
}

/** Rows of the ids that there are, as a store gives them. */
export function stored(truth: Truth, ids: Iterable<number>): StoredVectors {
  const known = [...ids].filter((id) => truth.has(id));
  const width = truth.values().next().value?.length ?? 0;
  const vectors = new Uint16Array(known.length * width);
  known.forEach((id, row) => {
    vectors.set(truth.get(id)!, row * width);
  });
  return { ids: known, vectors };
}

/** The plainest search. */
export const bruteForce = (truth: Truth, query: Float32Array, limit: number): Neighbour[] =>
  [...truth]
    .map(([id, vector]) => ({ id, score: innerProduct(query, vector, 0) }))
    .sort((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, limit);
