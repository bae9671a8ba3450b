import { compile, input, matmul, type NdArray } from '../../tensor/index.ts';

/** All dot products of two sets of embeddings. */
export interface SimilarityEngine {
  /** [n, d] and [m, d] → [n, m]. */
  similarities(a: NdArray<'float32'>, b: NdArray<'float32'>): Promise<NdArray<'float32'>>;
  dispose(): Promise<void>;
}

/**
 * Compiles the product once for embeddings of width d; any number of rows.
 * @example
 * const engine = await createSimilarity(768);
 */
export async function createSimilarity(width: number, threads?: number): Promise<SimilarityEngine> {
  const a = input('a', 'float32', ['n', width]);
  const b = input('b', 'float32', ['m', width]);
  const session = await compile({ outputs: { products: matmul(a, b, { transB: true }) } }, { threads });
  return {
    async similarities(x, y) {
      const { products } = await session.run({ a: x, b: y });
      return products as NdArray<'float32'>;
    },
    async dispose() {
      await session.dispose();
    },
  };
}
