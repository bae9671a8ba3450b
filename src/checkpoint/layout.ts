import type { ModelConfig } from '../model/config.ts';
import { twoTowers } from '../model/twoTowers.ts';
import type { DType } from '../tensor/ndarray.ts';
import { CheckpointError, quote } from './errors.ts';

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

interface ShapeOrigin {
  readonly source: string;
  readonly remedy?: string;
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
  { source, remedy = `take ${source} and the tensors from the same checkpoint` }: ShapeOrigin,
): void {
  const refusal = (name: string, fault: string) =>
    new CheckpointError(file, `tensor ${quote(name)} ${fault}; ${remedy}`);
  for (const [name, shape] of expected) {
    const found = tensors.get(name);
    if (!found) throw refusal(name, `[${shape.join(', ')}] of ${source} is missing`);
    if (!sameShape(found.shape, shape)) {
      const sizes = `[${found.shape.join(', ')}], but ${source} expects [${shape.join(', ')}]`;
      throw refusal(name, `has shape ${sizes}`);
    }
  }
  const extra = exact ? [...tensors.keys()].find((name) => !expected.has(name)) : undefined;
  if (extra !== undefined) throw refusal(extra, 'is no part of the configuration');
}

/** {@link assertShapes} for a model. */
export const assertLayout = (
  config: ModelConfig,
  tensors: ReadonlyMap<string, TensorSpec>,
  file: string,
  exact: boolean,
  origin: ShapeOrigin = { source: 'config.json' },
): void => assertShapes(parameterShapes(config), tensors, file, exact, origin);
