import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseConfig } from '../../src/checkpoint/huggingFace/config.ts';
import { saveModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import {
  fixedPreprocessing,
  type ImagePreprocessing,
  naflexPreprocessing,
} from '../../src/input/image/preprocessing.ts';
import { parseTokenizerJson, type TokenizerJson } from '../../src/input/text/tokenizer/tokenizerJson.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { twoTowers } from '../../src/model/twoTowers.ts';
import { initializeParameters } from '../../src/nn/initialize.ts';
import { float32 } from '../../src/tensor/ndarray.ts';

const FIXTURES = join(import.meta.dirname, '../../parity/fixtures');

/** Pictures of the image fixtures that differ. */
export const IMAGES = ['rgb.png', 'grey.png', 'palette.png'].map((name) => join(FIXTURES, 'images', name));

/** Gemma's vocabulary cut to 2,500 pieces. */
export function smallTokenizer(): TokenizerJson {
  const file = gunzipSync(readFileSync(join(FIXTURES, 'tokenizer/trimmed.json.gz'))).toString('utf8');
  const { tokenizerJson } = JSON.parse(file) as { tokenizerJson: unknown };
  return parseTokenizerJson(tokenizerJson);
}

/** The tiny configuration of the model fixtures, with the vocabulary of {@link smallTokenizer}. */
export function tinyConfig(kind: 'fixed' | 'naflex', vocabSize: number): ModelConfig {
  const json: unknown = JSON.parse(readFileSync(join(FIXTURES, `model/tiny-${kind}/config.json`), 'utf8'));
  const config = parseConfig(json);
  return { ...config, text: { ...config.text, vocabSize } };
}

export const PREPROCESSORS: Readonly<Record<'fixed' | 'naflex', ImagePreprocessing>> = {
  fixed: fixedPreprocessing(16),
  naflex: naflexPreprocessing(4, 16),
};

/**
 * Writes a tiny model with random weights (always the same) and a tokenizer. Its temperature and bias put the
 * probabilities between 0 and 1, so that a wrong embedding shows.
 */
export async function saveTinyModel(directory: string, kind: 'fixed' | 'naflex' = 'fixed'): Promise<string> {
  const tokenizerJson = smallTokenizer();
  const config = tinyConfig(kind, Object.keys(tokenizerJson.model.vocab).length);
  const tensors = initializeParameters(twoTowers(config, { images: 1, texts: 1 }).parameters, 7);
  // Fresh biases are nought, and so would be every image's features of a flat picture.
  for (const [name, { data }] of tensors) if (name.endsWith('bias')) data.fill(0.05);
  tensors.set('logit_scale', float32([1], [Math.log(5)]));
  tensors.set('logit_bias', float32([1], [-0.5]));
  await saveModelDirectory(directory, { config, preprocessor: PREPROCESSORS[kind], tensors, tokenizerJson });
  return directory;
}
