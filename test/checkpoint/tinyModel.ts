import { parameterShapes } from '../../src/checkpoint/huggingFace/layout.ts';
import {
  type FixedPreprocessing,
  fixedPreprocessing,
  type NaflexPreprocessing,
  naflexPreprocessing,
} from '../../src/input/image/preprocessing.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { type NdArray, ndarray, sizeOf } from '../../src/tensor/ndarray.ts';

const tower = { hiddenSize: 16, intermediateSize: 24, layers: 2, heads: 2, layerNormEps: 1e-6 };
const text = { ...tower, vocabSize: 20, length: 8, projectionSize: 16 };

/** 30 pixels over patches of 8: three whole patches a side, the rest unread. */
export const FIXED: ModelConfig = {
  vision: { ...tower, kind: 'fixed', imageSize: 30, patchSize: 8, channels: 3, numPatches: 9, useHead: true },
  text,
};
export const NAFLEX: ModelConfig = {
  vision: { ...tower, kind: 'naflex', patchSize: 8, channels: 3, numPatches: 16, useHead: true },
  text: { ...text, hiddenSize: 12, heads: 3, layers: 1 },
};

export const FIXED_PREPROCESSOR: FixedPreprocessing = fixedPreprocessing(30);
export const NAFLEX_PREPROCESSOR: NaflexPreprocessing = naflexPreprocessing(8, 32);

/** Every parameter of a configuration, all values different: element i of the n-th tensor is n + i / 4096. */
export function countingTensors(config: ModelConfig): Map<string, NdArray<'float32'>> {
  const shapes = [...parameterShapes(config)];
  return new Map(
    shapes.map(([name, shape], n) => [
      name,
      ndarray(
        'float32',
        shape,
        Float32Array.from({ length: sizeOf(shape) }, (_, i) => n + i / 4096),
      ),
    ]),
  );
}
