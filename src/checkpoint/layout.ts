import type { ModelConfig } from '../model/config.ts';
import { twoTowers } from '../model/twoTowers.ts';
import type { DType } from '../tensor/ndarray.ts';
import { CheckpointError } from './errors.ts';

/** Name and shape of every parameter that a Hugging Face checkpoint of this configuration holds. */
export function parameterShapes(config: ModelConfig): Map<string, readonly number[]> {
  // The graph declares its parameters under these names: there is no second list to keep in step.
  const { parameters } = twoTowers(config, { images: 1, texts: 1 });
  return new Map([...parameters].map(([name, { shape }]) => [name, shape]));
}

interface TensorSpec {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/**
 * Checks tensors against the shapes that a configuration file asks for.
 * @param source the configuration file's name, for messages.
 * @param exact also refuse tensors that the configuration does not have.
 * @throws CheckpointError naming the first tensor that is missing, of another shape, or unexpected.
 */
export function assertShapes(
  expected: ReadonlyMap<string, readonly number[]>,
  source: string,
  tensors: ReadonlyMap<string, TensorSpec>,
  file: string,
  exact: boolean,
): void {
  for (const [name, shape] of expected) {
    const found = tensors.get(name);
    if (!found)
      throw new CheckpointError(file, `tensor "${name}" [${shape.join(', ')}] of ${source} is missing`);
    if (!sameShape(found.shape, shape)) {
      const sizes = `[${found.shape.join(', ')}], but ${source} expects [${shape.join(', ')}]`;
      throw new CheckpointError(file, `tensor "${name}" has shape ${sizes}`);
    }
  }
  const extra = exact ? [...tensors.keys()].find((name) => !expected.has(name)) : undefined;
  if (extra !== undefined)
    throw new CheckpointError(file, `tensor "${extra}" is no part of the configuration`);
}

/** {@link assertShapes} for a model. */
export const assertLayout = (
  config: ModelConfig,
  tensors: ReadonlyMap<string, TensorSpec>,
  file: string,
  exact: boolean,
): void => assertShapes(parameterShapes(config), 'config.json', tensors, file, exact);
