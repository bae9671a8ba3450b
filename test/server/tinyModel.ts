import { join } from 'node:path';
import { saveModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { parameterShapes } from '../../src/checkpoint/huggingFace/layout.ts';
import { load } from '../../src/encoder/load.ts';
import { fixedPreprocessing } from '../../src/input/image/preprocessing.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { type BundleSource, buildBundle } from '../../src/search/bundle/buildBundle.ts';
import { ndarray, sizeOf } from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { tinyTokenizer } from './tinyTokenizer.ts';

const tower = { hiddenSize: 16, intermediateSize: 24, layers: 1, heads: 2, layerNormEps: 1e-6 };

const configFor = (vocabSize: number): ModelConfig => ({
  vision: { ...tower, kind: 'fixed', imageSize: 16, patchSize: 8, channels: 3, numPatches: 4, useHead: true },
  text: { ...tower, vocabSize, length: 16, projectionSize: 16 },
});

/** Writes a model with random weights and a small vocabulary: fast, complete, and knowing nothing. */
export async function saveTinyModel(directory: string, seed = 0): Promise<void> {
  const tokenizerJson = tinyTokenizer();
  const config = configFor(Object.keys(tokenizerJson.model.vocab).length);
  const tensors = [...parameterShapes(config)].map(([name, shape]) => {
    const random = createRandom(seed, 'tiny model', name);
    const values = Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * 0.3);
    return [name, ndarray('float32', shape, values)] as const;
  });
  const preprocessor = fixedPreprocessing(16);
  await saveModelDirectory(directory, { config, tensors, tokenizerJson, preprocessor });
}

const SIZE = 16;

/** Discs of different colours; every third is a variant of the one before. */
export function discs(count: number): BundleSource {
  return {
    description: `${count} coloured discs`,
    size: SIZE,
    items: Array.from({ length: count }, (_, i) => ({
      id: `disc${i}`,
      emoji: String.fromCodePoint(0x1f600 + i),
      name: `disc ${i}`,
      ...(i % 3 === 2 && { variantOf: `disc${i - 1}` }),
    })),
    picture(index) {
      const pixels = new Uint8Array(SIZE * SIZE * 4);
      for (let y = 0; y < SIZE; y++) {
        for (let x = 0; x < SIZE; x++) {
          const inside = Math.hypot(x - 7.5, y - 7.5) < 7;
          if (inside)
            pixels.set(
              [(index * 67) % 256, (index * 151) % 256, (index * 29) % 256, 255],
              (y * SIZE + x) * 4,
            );
        }
      }
      return pixels;
    },
  };
}

/** A tiny model with a gallery of discs. */
export async function saveTinyModelWithGallery(directory: string, count = 12): Promise<void> {
  await saveTinyModel(directory);
  const encoder = await load(directory, { threads: 1 });
  await buildBundle(encoder, discs(count), join(directory, 'gallery'));
  await encoder.dispose();
}
