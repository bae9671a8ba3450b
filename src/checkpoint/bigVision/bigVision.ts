import {
  fixedPreprocessing,
  type ImagePreprocessing,
  naflexPreprocessing,
} from '../../input/image/preprocessing.ts';
import type { ModelConfig, TowerConfig, VisionConfig } from '../../model/config.ts';
import { type DType, type NdArray, sizeOf, zeros } from '../../tensor/ndarray.ts';
import { CheckpointError, quote } from '../files/errors.ts';
import { assertConsistent } from '../huggingFace/config.ts';
import { assertLayout } from '../huggingFace/layout.ts';
import { type NpzFile, openNpz } from '../numpy/npz.ts';
import type { LazyTensor } from '../safetensors/writer.ts';
import {
  applyTransform,
  BLOCK_RULES,
  ENCODERS,
  FUSED_SOURCES,
  FUSED_TARGET,
  SINGLE_RULES,
  type Transform,
  transformedShape,
} from './names.ts';

/** A big_vision checkpoint under Hugging Face names. */
export interface BigVisionCheckpoint {
  readonly config: ModelConfig;
  readonly preprocessor: ImagePreprocessing;
  /** Every parameter of `config`; each is read and laid out when its `load` is called. */
  readonly tensors: ReadonlyMap<string, LazyTensor>;
  close(): Promise<void>;
}

const REMEDY = 'use a SigLIP 2 checkpoint of big_vision';

/** An archive that is whole, but not that of a model which this reads. */
const foreign = (path: string, fault: string): CheckpointError =>
  new CheckpointError(path, `${fault}; ${REMEDY}`);

/** Reads arrays by their name without prefix, and remembers which were asked for. */
interface Source {
  readonly path: string;
  has(name: string): boolean;
  shape(name: string): readonly number[];
  lazy(name: string, transform: Transform, row?: number): LazyTensor;
  unused(): string[];
}

/** Training checkpoints also hold optimizer state: where any name starts with `params/`, only those count. */
function sourceOf(npz: NpzFile): Source {
  const names = [...npz.arrays.keys()];
  const prefix = names.some((name) => name.startsWith('params/')) ? 'params/' : '';
  const unused = new Set(names.filter((name) => name.startsWith(prefix)));
  const entry = (name: string) => {
    const found = npz.arrays.get(prefix + name);
    if (!found) throw foreign(npz.path, `has no array ${quote(prefix + name)}`);
    unused.delete(prefix + name);
    return found;
  };
  return {
    path: npz.path,
    has: (name) => npz.arrays.has(prefix + name),
    shape: (name) => entry(name).shape,
    lazy(name, transform, row) {
      const { dtype, shape } = entry(name);
      return {
        dtype,
        shape: transformedShape(transform, row === undefined ? shape : shape.slice(1)),
        load: async () => applyTransform(transform, await npz.read(prefix + name, row)),
      };
    },
    unused: () => [...unused],
  };
}

/** An array of no bytes can claim any length; the deepest released tower has 40 blocks. */
const MAX_STACKED_LAYERS = 1000;

/** How many blocks an encoder has, and whether they are stacked (`scan`) in one array with a leading axis. */
function blockCount(source: Source, encoder: string): { layers: number; stacked: boolean } {
  const stack = `${encoder}/encoderblock/LayerNorm_0/scale`;
  if (source.has(stack)) {
    const layers = source.shape(stack)[0] ?? 0;
    if (layers > MAX_STACKED_LAYERS) {
      throw foreign(source.path, `${quote(stack)} stacks ${layers} blocks, more than ${MAX_STACKED_LAYERS}`);
    }
    return { layers, stacked: true };
  }
  let layers = 0;
  while (source.has(`${encoder}/encoderblock_${layers}/LayerNorm_0/scale`)) layers++;
  return { layers, stacked: false };
}

function* blockTensors(source: Source): Generator<[string, LazyTensor]> {
  for (const { target, source: encoder } of ENCODERS) {
    const { layers, stacked } = blockCount(source, encoder);
    for (let i = 0; i < layers; i++) {
      const block = `${encoder}/encoderblock${stacked ? '' : `_${i}`}`;
      for (const [to, from, transform] of BLOCK_RULES) {
        yield [`${target}.${i}.${to}`, source.lazy(`${block}/${from}`, transform, stacked ? i : undefined)];
      }
    }
  }
}

/** Arrays one below another along the first axis. */
async function concatenate(
  parts: readonly LazyTensor[],
  dtype: DType,
  shape: readonly number[],
): Promise<NdArray> {
  const out: NdArray = zeros<DType>(dtype, shape);
  const bytes = new Uint8Array(out.data.buffer);
  let at = 0;
  for (const part of parts) {
    const { data } = await part.load();
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return out;
}

function fused(source: Source, name: 'kernel' | 'bias', transform: Transform): LazyTensor {
  const parts = FUSED_SOURCES.map((from) => source.lazy(`${from}/${name}`, transform));
  const [first] = parts;
  if (
    !first ||
    parts.some(({ dtype, shape }) => dtype !== first.dtype || sizeOf(shape) !== sizeOf(first.shape))
  ) {
    throw foreign(source.path, `query, key and value ${name}s of the pooling head differ in size or dtype`);
  }
  const shape = [parts.length * first.shape[0]!, ...first.shape.slice(1)];
  return { dtype: first.dtype, shape, load: () => concatenate(parts, first.dtype, shape) };
}

function* allTensors(source: Source): Generator<[string, LazyTensor]> {
  for (const [to, from, transform] of SINGLE_RULES) yield [to, source.lazy(from, transform)];
  yield* blockTensors(source);
  yield [`${FUSED_TARGET}_weight`, fused(source, 'kernel', 'splitOut')];
  yield [`${FUSED_TARGET}_bias`, fused(source, 'bias', 'flatten')];
}

/** Sizes of one encoder; the head count is an axis of every attention bias. */
function towerConfig(source: Source, encoder: string): TowerConfig {
  const { layers, stacked } = blockCount(source, encoder);
  const block = `${encoder}/encoderblock${stacked ? '' : '_0'}`;
  const heads = source.shape(`${block}/MultiHeadDotProductAttention_0/query/bias`).at(-2) ?? 1;
  const intermediateSize = source.shape(`${block}/MlpBlock_0/Dense_0/bias`).at(-1) ?? 0;
  const hiddenSize = source.shape(`${encoder}/encoder_norm/scale`)[0] ?? 0;
  return { hiddenSize, intermediateSize, layers, heads, layerNormEps: 1e-6 };
}

/** Resolutions of the released checkpoints. */
const RELEASED_SIZES = [224, 256, 384, 512];

function visionConfig(source: Source): VisionConfig {
  const kernel = source.shape('img/embedding/kernel');
  const numPatches = sizeOf(source.shape('img/pos_embedding').slice(0, -1));
  const shared = { ...towerConfig(source, 'img/Transformer'), numPatches, useHead: true };
  if (kernel.length === 2) {
    // A flattened patch does not say how many channels it has; all images here have three.
    return { ...shared, kind: 'naflex', channels: 3, patchSize: Math.round(Math.sqrt((kernel[0] ?? 0) / 3)) };
  }
  const [patchSize = 1, , channels = 3] = kernel;
  const grid = Math.round(Math.sqrt(numPatches));
  // 27 patches of 14 pixels are the released size 384, of which six rows and columns are never read.
  const imageSize = RELEASED_SIZES.find((size) => Math.floor(size / patchSize) === grid) ?? grid * patchSize;
  return { ...shared, kind: 'fixed', channels, patchSize, imageSize };
}

function inferConfig(source: Source): ModelConfig {
  const [vocabSize = 0] = source.shape('txt/Embed_0/embedding');
  const length = source.shape('txt/pos_embedding').at(-2) ?? 0;
  const projectionSize = source.shape('txt/head/bias')[0] ?? 0;
  const text = { ...towerConfig(source, 'txt/Encoder_0'), vocabSize, length, projectionSize };
  return { vision: visionConfig(source), text };
}

function preprocessorFor(vision: VisionConfig): ImagePreprocessing {
  return vision.kind === 'fixed'
    ? fixedPreprocessing(vision.imageSize)
    : naflexPreprocessing(vision.patchSize);
}

/**
 * Opens a big_vision SigLIP 2 checkpoint (`.npz`), fixed resolution or NaFlex, blocks stacked (`scan`) or not, names
 * with or without `params/`. Tensors come under Hugging Face names and layouts, in the dtype they are stored in; the
 * configuration is inferred from their shapes (layer-norm epsilon 1e-6, image size the released one where it fits).
 * @throws CheckpointError when the archive is damaged, an array is missing, or one is left over.
 * @example
 * const { config } = await openBigVision('siglip2_b16_224.npz');
 */
export async function openBigVision(path: string): Promise<BigVisionCheckpoint> {
  const npz = await openNpz(path);
  try {
    const source = sourceOf(npz);
    const config = inferConfig(source);
    assertConsistent(config, path, foreign);
    const tensors = new Map(allTensors(source));
    assertLayout(config, tensors, path, true, { source: 'a model of these sizes', remedy: REMEDY });
    const [extra] = source.unused();
    if (extra !== undefined) throw foreign(path, `array ${quote(extra)} is no part of a SigLIP 2 model`);
    return { config, preprocessor: preprocessorFor(config.vision), tensors, close: () => npz.close() };
  } catch (error) {
    await npz.close();
    throw error;
  }
}
