import { float16ToFloat32 } from '../../../checkpoint/safetensors/castFloat.ts';
import { innerProduct } from '../../collection/vectors/innerProduct.ts';
import type { Fetch } from '../rescore.ts';

/** Two rows, and the inner product of their float16 vectors. */
export interface NearPair {
  /** The smaller id. */
  readonly a: number;
  readonly b: number;
  readonly score: number;
}

/** Pairs that are kept before their vectors are fetched: at most twice as many rows. */
const FULL = 8192;

/** Gathers pairs that may reach the threshold, and scores them. */
export function createPairScores(threshold: number, fetch: Fetch) {
  let pairs: [a: number, b: number][] = [];
  return {
    add(one: number, other: number): void {
      pairs.push(one < other ? [one, other] : [other, one]);
    },
    isFull: (): boolean => pairs.length >= FULL,
    /** Those that reach it; rows that are gone are left out. */
    async take(): Promise<NearPair[]> {
      if (pairs.length === 0) return [];
      const taken = pairs.sort(([a], [b]) => a - b);
      pairs = [];
      const { ids, vectors } = await fetch([...new Set(taken.flat())]);
      const width = vectors.length / ids.length;
      const rowOf = new Map(ids.map((id, row) => [id, row]));
      let [wideOf, wide]: [number, Float32Array] = [-1, new Float32Array()];
      return taken.flatMap(([a, b]) => {
        const [rowA, rowB] = [rowOf.get(a), rowOf.get(b)];
        if (rowA === undefined || rowB === undefined) return [];
        if (wideOf !== a)
          [wideOf, wide] = [a, float16ToFloat32(vectors.subarray(rowA * width, (rowA + 1) * width))];
        const score = innerProduct(wide, vectors, rowB);
        return score >= threshold ? [{ a, b, score }] : [];
      });
    },
  };
}
