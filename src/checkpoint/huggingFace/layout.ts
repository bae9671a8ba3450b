import type { ModelConfig, TowerConfig } from '../../model/config.ts';
import { twoTowers } from '../../model/twoTowers.ts';
import { type DType, sizeOf } from '../../tensor/ndarray.ts';
import { CheckpointError, quote } from '../files/errors.ts';
import { unreadDtype } from '../safetensors/header.ts';

/** Name and shape of every parameter that a Hugging Face checkpoint of this configuration holds. */
export function parameterShapes(config: ModelConfig): Map<string, readonly number[]> {
  // The graph declares its parameters under these names: there is no second list to keep in step.
  const { parameters } = twoTowers(config, { images: 1, texts: 1 });
  return new Map([...parameters].map(([name, { shape }]) => [name, shape]));
}

/** How many numbers a model of this configuration has learnt. */
export const parameterCount = (config: ModelConfig): number =>
  [...parameterShapes(config).values()].reduce((sum, shape) => sum + sizeOf(shape), 0);

/**
 * Tensors whose shapes bound everything in a configuration that costs memory or time: with them in the file, the other
 * shapes can be worked out. One of each tower's last block says how many blocks there are.
 */
function boundingShapes({ vision, text }: ModelConfig): Map<string, readonly number[]> {
  const patch = vision.channels * vision.patchSize ** 2;
  const lastBlock = (tower: string, { layers, intermediateSize, hiddenSize }: TowerConfig) =>
    [`${tower}.encoder.layers.${layers - 1}.mlp.fc1.weight`, [intermediateSize, hiddenSize]] as const;
  const kernel =
    vision.kind === 'fixed'
      ? [vision.hiddenSize, vision.channels, vision.patchSize, vision.patchSize]
      : [vision.hiddenSize, patch];
  return new Map<string, readonly number[]>([
    ['vision_model.embeddings.patch_embedding.weight', kernel],
    ['vision_model.embeddings.position_embedding.weight', [vision.numPatches, vision.hiddenSize]],
    lastBlock('vision_model', vision),
    ['text_model.embeddings.token_embedding.weight', [text.vocabSize, text.hiddenSize]],
    ['text_model.embeddings.position_embedding.weight', [text.length, text.hiddenSize]],
    lastBlock('text_model', text),
    ['text_model.head.weight', [text.projectionSize, text.hiddenSize]],
  ]);
}

interface TensorSpec {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

interface ShapeOrigin {
  readonly source: string;
  readonly remedy?: string;
  /** Tensors that are there in a type that cannot be read, with the name of the type. */
  readonly unread?: ReadonlyMap<string, string>;
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/**
 * Checks tensors against the shapes that a configuration file asks for.
 * @param exact also refuse tensors that the configuration does not have.
 * @param origin where the shapes are from: the configuration file's name, and what to do when the tensors do not fit.
 * @throws CheckpointError naming the first tensor that is missing, of another shape, or unexpected.
 */
export function assertShapes(
  expected: ReadonlyMap<string, readonly number[]>,
  tensors: ReadonlyMap<string, TensorSpec>,
  file: string,
  exact: boolean,
  { source, unread, remedy = `take ${source} and the tensors from the same checkpoint` }: ShapeOrigin,
): void {
  const refusal = (name: string, fault: string) =>
    new CheckpointError(file, `tensor ${quote(name)} ${fault}; ${remedy}`);
  for (const [name, shape] of expected) {
    const found = tensors.get(name);
    const other = unread?.get(name);
    if (other !== undefined) throw unreadDtype(file, name, other);
    if (!found) throw refusal(name, `[${shape.join(', ')}] of ${source} is missing`);
    if (!sameShape(found.shape, shape)) {
      const sizes = `[${found.shape.join(', ')}], but ${source} expects [${shape.join(', ')}]`;
      throw refusal(name, `has shape ${sizes}`);
    }
  }
  const extra = exact ? [...tensors.keys()].find((name) => !expected.has(name)) : undefined;
  if (extra !== undefined) throw refusal(extra, 'is no part of the configuration');
}

/**
 * {@link assertShapes} for a model. A few tensors are compared before the rest is worked out, so that a configuration
 * with a thousand times the file's blocks or width costs nothing.
 */
export const assertLayout = (
  config: ModelConfig,
  tensors: ReadonlyMap<string, TensorSpec>,
  file: string,
  exact: boolean,
  origin: ShapeOrigin = { source: 'config.json' },
): void => {
  assertShapes(boundingShapes(config), tensors, file, false, origin);
  assertShapes(parameterShapes(config), tensors, file, exact, origin);
};
