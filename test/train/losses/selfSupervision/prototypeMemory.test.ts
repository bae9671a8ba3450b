import { expect, it } from 'vitest';
import { compile, float32, grad, input } from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { prototypeCrossEntropy } from '../../../../src/train/losses/selfSupervision/prototypeCrossEntropy.ts';
import { memoryGrowth } from '../../memoryGrowth.ts';

const [ROWS, WIDTH, PROTOTYPES] = [4096, 16, 4096];
const SHAPES = {
  z: [ROWS, WIDTH],
  w: [PROTOTYPES, WIDTH],
  u: [ROWS, WIDTH],
  wt: [PROTOTYPES, WIDTH],
  c: [PROTOTYPES],
} as const;
const MiB = 1024;

/** By how many KiB the process's largest memory grows when loss, entropy and gradients are computed. */
async function growth(rows: number): Promise<number> {
  const declare = (name: keyof typeof SHAPES) => input(name, 'float32', SHAPES[name]);
  const student = { features: declare('z'), prototypes: declare('w') };
  const { loss, teacherEntropy } = prototypeCrossEntropy(
    { student, teacher: { features: declare('u'), prototypes: declare('wt') }, centre: declare('c') },
    { studentTemperature: 0.1, teacherTemperature: 0.04, rows },
  );
  const [dz, dw] = grad(loss, [student.features, student.prototypes]);
  const session = await compile({ outputs: { loss, teacherEntropy, dz: dz!, dw: dw! } }, { threads: 1 });
  const random = createRandom(1);
  const feeds = Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape]) => {
      const size = shape.reduce((total: number, n) => total * n, 1);
      return [
        name,
        float32(
          shape,
          Float32Array.from({ length: size }, () => random.uniform(-0.4, 0.4)),
        ),
      ];
    }),
  );
  return memoryGrowth(session, feeds);
}

it('blocks bound the memory of forward and backward pass', async () => {
  // One matrix of logits is 64 MiB, one block of it 1 MiB. The whole needs six of them: the second half shows that
  // the first can fail.
  expect(await growth(64)).toBeLessThan(48 * MiB);
  expect(await growth(ROWS)).toBeGreaterThan(128 * MiB);
});
