import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tensor from '../../../src/tensor/index.ts';
import { OPSETS } from '../../../src/tensor/onnx/opset.ts';
import { elementwiseCases } from './cases/elementwise.ts';
import { layerCases } from './cases/layers.ts';
import { linearCases } from './cases/linear.ts';
import { shapeCases } from './cases/shapes.ts';
import { checkExamples } from './check.ts';

const OLDEST = OPSETS[0]!;
const CASES = [...elementwiseCases, ...shapeCases, ...linearCases, ...layerCases];

/** Exports that put no operation into a graph. Everything else needs a case. */
const NOT_PRIMITIVES = [
  'availableDevices',
  'byteWidth',
  'compile',
  'createRandom',
  'emitOnnx',
  'float32',
  'grad',
  'graphFlops',
  'input',
  'inputNames',
  'int32',
  'ndarray',
  'sizeOf',
  'staticDim',
  'takeRows',
  'viewBytes',
  'zeros',
];

/** Examples are compiled in batches: a failing batch shrinks to its failing example. Seeded: CI must not be a lottery. */
const batches = <T>(arbitrary: fc.Arbitrary<T>, check: (examples: T[]) => Promise<void>, numRuns = 3) =>
  fc.assert(fc.asyncProperty(fc.array(arbitrary, { minLength: 1, maxLength: 16, size: 'max' }), check), {
    numRuns,
    seed: 20250219,
  });

describe('every primitive', () => {
  it('that is exported has a case', () => {
    const exported = Object.entries(tensor).flatMap(([name, value]) =>
      typeof value === 'function' ? [name] : [],
    );
    const expected = [...CASES.map(({ name }) => name), ...NOT_PRIMITIVES].sort();
    expect(exported.sort()).toEqual(expected);
  });

  describe.each(CASES)('$name', ({ example, gradient }) => {
    it.each([true, false])('has the value of the reference (fused: %s)', (fused) =>
      batches(example, (examples) => checkExamples(examples, 'values', { fused })),
    );
    it.each([true, false])('has its gradient (fused: %s)', (fused) =>
      batches(example, (examples) => checkExamples(examples, gradient, { fused })),
    );
    it('has both in standard operators of the oldest set that graphs are written for', () =>
      batches(example, (examples) => checkExamples(examples, gradient, { fused: false, opset: OLDEST }), 1));
  });
});
