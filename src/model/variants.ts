import type { ModelConfig, TextConfig, TowerConfig, VisionConfig } from './config.ts';

/** Sizes of the family's encoders (big_vision `models/vit.py`). */
export type SizeName = 'base' | 'large' | 'so400m' | 'giant-opt';

const layerNormEps = 1e-6;
const SIZES: Readonly<Record<SizeName, TowerConfig>> = {
  base: { hiddenSize: 768, intermediateSize: 3072, layers: 12, heads: 12, layerNormEps },
  large: { hiddenSize: 1024, intermediateSize: 4096, layers: 24, heads: 16, layerNormEps },
  so400m: { hiddenSize: 1152, intermediateSize: 4304, layers: 27, heads: 16, layerNormEps },
  // Not big_vision's plain "g", which is 1408 wide.
  'giant-opt': { hiddenSize: 1536, intermediateSize: 6144, layers: 40, heads: 16, layerNormEps },
};

/** The giant vision tower is paired with a smaller text tower (paper §2.1). */
const TEXT_SIZE: Readonly<Record<SizeName, SizeName>> = {
  base: 'base',
  large: 'large',
  so400m: 'so400m',
  'giant-opt': 'so400m',
};

/** Rows of the NaFlex position embedding: a 16 × 16 grid that is resized for each image. */
const NAFLEX_GRID = 256;

/** One released checkpoint. */
export interface Variant {
  /** Name on the Hugging Face hub. */
  readonly name: `google/siglip2-${string}`;
  readonly size: SizeName;
  readonly patchSize: number;
  /** Side of the square input in pixels, or any size and aspect ratio. */
  readonly resolution: number | 'naflex';
}

const variant = (size: SizeName, patchSize: number, resolution: number | 'naflex'): Variant => ({
  name: `google/siglip2-${size}-patch${patchSize}-${resolution}`,
  size,
  patchSize,
  resolution,
});

/** The released checkpoints, 17 in all (big_vision `README_siglip2.md`). */
export const VARIANTS: readonly Variant[] = [
  variant('base', 32, 256),
  ...[224, 256, 384, 512].map((resolution) => variant('base', 16, resolution)),
  ...[256, 384, 512].map((resolution) => variant('large', 16, resolution)),
  ...[224, 384].map((resolution) => variant('so400m', 14, resolution)),
  ...[256, 384, 512].map((resolution) => variant('so400m', 16, resolution)),
  ...[256, 384].map((resolution) => variant('giant-opt', 16, resolution)),
  variant('base', 16, 'naflex'),
  variant('so400m', 16, 'naflex'),
];

function visionConfig({ size, patchSize, resolution }: Variant): VisionConfig {
  const common = { ...SIZES[size], patchSize, channels: 3, useHead: true };
  if (resolution === 'naflex') return { kind: 'naflex', ...common, numPatches: NAFLEX_GRID };
  // Pixels past the last whole patch are dropped: So400m/14 at 384 has 27 × 27 patches.
  const numPatches = Math.floor(resolution / patchSize) ** 2;
  return { kind: 'fixed', ...common, imageSize: resolution, numPatches };
}

const textConfig = (size: SizeName): TextConfig => ({
  ...SIZES[TEXT_SIZE[size]],
  vocabSize: 256_000,
  length: 64,
  projectionSize: SIZES[size].hiddenSize,
});

/**
 * The architecture of a released checkpoint, e.g. to train one from scratch.
 * @param name name on the Hugging Face hub, e.g. `google/siglip2-base-patch16-224`.
 * @throws Error listing the known names when there is no such variant.
 * @example
 * const config = variantConfig('B/16');
 */
export function variantConfig(name: string): ModelConfig {
  const found = VARIANTS.find((known) => known.name === name);
  if (!found) {
    const names = VARIANTS.map((known) => known.name).join(', ');
    throw new Error(`${name} is not a released SigLIP 2 model; known are ${names}`);
  }
  return { vision: visionConfig(found), text: textConfig(found.size) };
}
