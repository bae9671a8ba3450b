import { type NdArray, ndarray, sizeOf } from '../tensor/index.ts';
import { createRandom, type Random } from '../tensor/random.ts';
import type { Initializer, ParameterTable } from './parameters.ts';

function draw(initializer: Initializer, random: Random): () => number {
  switch (initializer.kind) {
    case 'zeros':
      return () => 0;
    case 'ones':
      return () => 1;
    case 'constant':
      return () => initializer.value;
    case 'normal':
      return () => random.normal() * initializer.std;
    case 'xavierUniform': {
      const limit = Math.sqrt(6 / (initializer.fanIn + initializer.fanOut));
      return () => (2 * random.next() - 1) * limit;
    }
  }
}

/** Fresh values of every parameter. Each has its own random stream, so adding one changes no other. */
export function initializeParameters(table: ParameterTable, seed: number): Map<string, NdArray<'float32'>> {
  const values = new Map<string, NdArray<'float32'>>();
  for (const [name, { shape, initializer }] of table) {
    const next = draw(initializer, createRandom(seed, 'parameter', name));
    values.set(name, ndarray('float32', shape, Float32Array.from({ length: sizeOf(shape) }, next)));
  }
  return values;
}
