import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../../../src/checkpoint/safetensors/reader.ts';
import type { VisionConfig } from '../../../../src/model/config.ts';
import { float32, type NdArray } from '../../../../src/tensor/index.ts';
import { adaptVision, withoutMoments } from '../../../../src/train/step/state/adaptVision.ts';

/** SciPy, NumPy and PyTorch (parity/adapt.py). */
const reference = new Map<string, NdArray<'float32'>>();
beforeAll(async () => {
  const file = await openSafetensors(
    join(import.meta.dirname, '../../../../parity/fixtures/adapt/vision.safetensors'),
  );
  for (const name of file.tensors.keys()) reference.set(name, await file.readFloat32(name));
  await file.close();
});

const common = {
  hiddenSize: 6,
  intermediateSize: 8,
  layers: 1,
  heads: 2,
  layerNormEps: 1e-6,
  channels: 3,
  useHead: true,
};
const fixed = (imageSize: number, patchSize: number): VisionConfig => ({
  kind: 'fixed',
  ...common,
  imageSize,
  patchSize,
  numPatches: Math.floor(imageSize / patchSize) ** 2,
});
const naflex: VisionConfig = { kind: 'naflex', ...common, patchSize: 4, numPatches: 16 };

const POSITIONS = 'vision_model.embeddings.position_embedding.weight';
const KERNEL = 'vision_model.embeddings.patch_embedding.weight';
const OTHER = 'text_model.embeddings.position_embedding.weight';

/** A state in which a parameter, both moments and a teacher's copy have the same numbers. */
const state = () => {
  const [positions, kernel] = [reference.get('positions')!, reference.get('kernel')!];
  return new Map(
    ['', 'first_moment.', 'second_moment.', 'teacher.'].flatMap((prefix) => [
      [`${prefix}${POSITIONS}`, positions] as const,
      [`${prefix}${KERNEL}`, kernel] as const,
      [`${prefix}${OTHER}`, positions] as const,
    ]),
  );
};

/** Double precision on both sides, stored as float32. */
function expectEqual(array: NdArray<'float32'> | undefined, name: string): void {
  const expected = reference.get(name)!;
  expect(array?.shape).toEqual(expected.shape);
  const difference = expected.data.reduce(
    (max, value, i) => Math.max(max, Math.abs(value - array!.data[i]!)),
    0,
  );
  expect(difference, name).toBeLessThan(2e-6);
}

describe('adapting a vision tower', () => {
  it.each([8, 24])('to %d pixels resizes position embeddings like SciPy', (side) => {
    const adapted = adaptVision(state(), fixed(16, 4), fixed(side, 4));
    for (const prefix of ['', 'first_moment.', 'second_moment.', 'teacher.'])
      expectEqual(adapted.get(`${prefix}${POSITIONS}`), `positions.${side / 4}`);
    // Everything else is the same array.
    for (const [name, array] of state()) if (!name.endsWith(POSITIONS)) expect(adapted.get(name)).toBe(array);
  });

  it.each([3, 6])('to patches of %d resizes kernels by the pseudo-inverse, moments as gradients', (patch) => {
    const adapted = adaptVision(state(), fixed(16, 4), fixed(4 * patch, patch));
    for (const prefix of ['', 'teacher.']) expectEqual(adapted.get(`${prefix}${KERNEL}`), `kernel.${patch}`);
    for (const prefix of ['first_moment.', 'second_moment.'])
      expectEqual(adapted.get(`${prefix}${KERNEL}`), `kernel.${patch}.moment`);
    expectEqual(adapted.get(POSITIONS), 'positions');
  });

  it('to NaFlex reorders kernels, channel fastest, with their moments, and back', () => {
    const adapted = adaptVision(state(), fixed(16, 4), naflex, { moments: 'reset' });
    for (const prefix of ['', 'first_moment.', 'second_moment.', 'teacher.'])
      expectEqual(adapted.get(`${prefix}${KERNEL}`), 'kernel.naflex');
    expect(adaptVision(adapted, naflex, fixed(16, 4))).toEqual(state());
  });

  it('a second moment stays above zero, or Adam would divide by its root', () => {
    const positive = reference.get('kernel')!.data.map((value) => value ** 2);
    const before = new Map([[`second_moment.${KERNEL}`, float32([6, 3, 4, 4], positive)]]);
    for (const patch of [2, 3, 5, 8]) {
      const after = adaptVision(before, fixed(16, 4), fixed(4 * patch, patch));
      expect(Math.min(...after.get(`second_moment.${KERNEL}`)!.data)).toBeGreaterThan(0);
    }
  });

  it('may drop the moments of what is resized, or all of them', () => {
    const adapted = adaptVision(state(), fixed(16, 4), fixed(24, 4), { moments: 'reset' });
    expect(adapted.has(`first_moment.${POSITIONS}`)).toBe(false);
    expect(adapted.has(`second_moment.${POSITIONS}`)).toBe(false);
    expect(adapted.has(`first_moment.${KERNEL}`)).toBe(true);
    expect([...withoutMoments(state()).keys()]).toEqual([
      POSITIONS,
      KERNEL,
      OTHER,
      `teacher.${POSITIONS}`,
      `teacher.${KERNEL}`,
      `teacher.${OTHER}`,
    ]);
  });

  it('refuses towers that differ in more', () => {
    expect(() => adaptVision(state(), fixed(16, 4), { ...naflex, hiddenSize: 8 })).toThrow(
      'the vision towers differ in hiddenSize: 6 and 8',
    );
  });
});
