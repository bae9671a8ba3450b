import { input, type Tensor } from '../tensor/index.ts';

/**
 * How a parameter starts. Standard deviations and limits are those of big_vision's layers (`models/vit.py` and
 * `text_transformer.py`).
 */
export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly std: number }
  /** Uniform in ±√(6/(fanIn+fanOut)). */
  | { readonly kind: 'xavierUniform'; readonly fanIn: number; readonly fanOut: number };

export interface Parameter {
  readonly tensor: Tensor;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** The parameter of which these are some rows, where they stand for it. */
  readonly rowsOf?: string;
}

/** Declares parameters under a prefix. Names are those of the Hugging Face checkpoint. */
export interface ParameterScope {
  /** The parameter `prefix.name`; asking twice gives the same tensor. */
  get(name: string, shape: readonly number[], initializer: Initializer): Tensor;
  /** The scope `prefix.name`. */
  scope(name: string): ParameterScope;
}

/** All parameters of a model by full name, in order of declaration. */
export type ParameterTable = Map<string, Parameter>;

/**
 * A scope that records every declared parameter in `table`.
 * @throws Error when one name is declared with two shapes.
 * @example
 * const table: ParameterTable = new Map();
 * const weight = parameterScope(table).scope('head').get('weight', [10, 768], normal(0.02));
 * console.log([...table.keys()]); // ['head.weight']
 */
export function parameterScope(table: ParameterTable, prefix = ''): ParameterScope {
  const full = (name: string) => (prefix === '' ? name : `${prefix}.${name}`);
  return {
    get(name, shape, initializer) {
      const path = full(name);
      const known = table.get(path);
      if (known) {
        if (known.shape.join() !== shape.join()) {
          throw new Error(`${path} is declared as [${known.shape.join(', ')}] and as [${shape.join(', ')}]`);
        }
        return known.tensor;
      }
      const tensor = input(path, 'float32', shape);
      table.set(path, { tensor, shape, initializer });
      return tensor;
    },
    scope: (name) => parameterScope(table, full(name)),
  };
}

/** Number of scalars in a table. */
export const countParameters = (table: ParameterTable): number =>
  [...table.values()].reduce((total, { shape }) => total + shape.reduce((n, dim) => n * dim, 1), 0);

export const ZEROS: Initializer = { kind: 'zeros' };
export const ONES: Initializer = { kind: 'ones' };
/**
 * Starts a parameter as normal noise around 0 with this standard deviation.
 * @example
 * const head = parameterScope(new Map()).get('head.weight', [10, 768], normal(0.02));
 */
export const normal = (std: number): Initializer => ({ kind: 'normal', std });
export const xavierUniform = (fanIn: number, fanOut: number): Initializer => ({
  kind: 'xavierUniform',
  fanIn,
  fanOut,
});
