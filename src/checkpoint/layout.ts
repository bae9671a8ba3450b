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
 * Checks tensors against the configuration they are said to belong to.
 * @param exact also refuse tensors that the configuration does not have.
 * @throws CheckpointError naming the first tensor that is missing, of another shape, or unexpected.
 */
export function assertLayout(
  config: ModelConfig,
  tensors: ReadonlyMap<string, TensorSpec>,
  file: string,
  exact: boolean,
): void {
  const expected = parameterShapes(config);
  for (const [name, shape] of expected) {
    const found = tensors.get(name);
    if (!found)
      throw new CheckpointError(file, `tensor "${name}" [${shape.join(', ')}] of config.json is missing`);
    if (!sameShape(found.shape, shape)) {
      const sizes = `[${found.shape.join(', ')}], but config.json expects [${shape.join(', ')}]`;
      throw new CheckpointError(file, `tensor "${name}" has shape ${sizes}`);
    }
  }
  const extra = exact ? [...tensors.keys()].find((name) => !expected.has(name)) : undefined;
  if (extra !== undefined)
    throw new CheckpointError(file, `tensor "${extra}" is no part of the configuration`);
}
