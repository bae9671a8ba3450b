import type { ModelConfig } from '../src/model/config.ts';
import { variantConfig } from '../src/model/variants.ts';

/** What is measured, and how often. */
export interface BenchSizes {
  readonly name: 'full' | 'quick';
  /** Vocabulary of the model whose towers and loading are measured; texts are tokenized for it. */
  readonly model: ModelConfig;
  readonly batches: readonly number[];
  /** [m, k, n] of the products whose best rate the others are held to. */
  readonly matmuls: readonly (readonly [number, number, number])[];
  /** The trained model has a small vocabulary, so that the token table is not what is measured. */
  readonly trained: ModelConfig;
  readonly trainBatch: number;
  /** Timed rounds of each row. */
  readonly rounds: { readonly run: number; readonly train: number; readonly load: number };
  /** Texts of the tokenizer row: all of the fixture, or its first ones. */
  readonly tokenizerTexts: number;
}

const base = variantConfig('google/siglip2-base-patch16-224');

/** B/16-224, the smallest fixed model that everyone uses. */
export const FULL: BenchSizes = {
  name: 'full',
  model: base,
  batches: [1, 8],
  matmuls: [
    [1576, 768, 3072],
    [1536, 1536, 1536],
  ],
  trained: { ...base, text: { ...base.text, vocabSize: 4096 } },
  trainBatch: 8,
  rounds: { run: 11, train: 5, load: 3 },
  tokenizerTexts: Number.POSITIVE_INFINITY,
};

const tower = { hiddenSize: 32, intermediateSize: 64, layers: 2, heads: 2, layerNormEps: 1e-6 };
const tiny: ModelConfig = {
  vision: {
    kind: 'fixed',
    ...tower,
    imageSize: 16,
    patchSize: 4,
    channels: 3,
    numPatches: 16,
    useHead: true,
  },
  text: { ...tower, vocabSize: 2500, length: 16, projectionSize: 32 },
};

/** A second or so for everything: shows that the harness works; its figures mean nothing. */
export const QUICK: BenchSizes = {
  name: 'quick',
  model: tiny,
  batches: [1, 2],
  matmuls: [[64, 64, 64]],
  trained: tiny,
  trainBatch: 2,
  rounds: { run: 2, train: 2, load: 1 },
  tokenizerTexts: 20,
};
