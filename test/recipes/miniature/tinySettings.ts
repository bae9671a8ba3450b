import { type MiniatureSettings, SMALL } from '../../../recipes/miniature/settings.ts';

/** The smallest miniature that has everything. */
export const tinySettings: MiniatureSettings = {
  ...SMALL,
  concepts: 8,
  locales: ['en', 'ja'],
  scenePixels: 24 * 24,
  vision: { ...SMALL.vision, hiddenSize: 32, intermediateSize: 32, heads: 1 },
  text: { ...SMALL.text, hiddenSize: 32, intermediateSize: 32, heads: 1 },
  patchSize: 8,
  resolution: 32,
  forkResolution: 48,
  lengths: [4, 9],
  batch: 4,
  lossPositions: 120,
  examples: 4 * 40,
};
