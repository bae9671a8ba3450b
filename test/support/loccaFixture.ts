import type { LoccaDecoderConfig } from '../../src/model/locca/config.ts';

export type LoccaFixture = 'untied' | 'tied';

/** Sizes of parity/locca.py. */
export const loccaFixtureConfig = (fixture: LoccaFixture): LoccaDecoderConfig => ({
  hiddenSize: 16,
  intermediateSize: 20,
  layers: 2,
  heads: 2,
  layerNormEps: 1e-6,
  visionSize: fixture === 'untied' ? 24 : 16,
  vocabSize: 23,
  length: 7,
  biases: { attention: fixture === 'untied', mlpAndNorm: fixture === 'untied' },
  tiedProjection: fixture === 'tied',
  embeddingStd: 1,
});
