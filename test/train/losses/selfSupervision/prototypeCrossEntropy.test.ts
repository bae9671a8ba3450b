import { describe, expect, it } from 'vitest';
import { type Arrays, compile, float32, grad, input, type NdArray } from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import {
  type PrototypeCrossEntropyOptions,
  prototypeCrossEntropy,
} from '../../../../src/train/losses/selfSupervision/prototypeCrossEntropy.ts';
import { normals } from '../../../support/arrays.ts';

interface Sizes {
  readonly teacherRows: number;
  readonly views: number;
  readonly width: number;
  readonly prototypes: number;
}

const shapesOf = ({ teacherRows, views, width, prototypes }: Sizes) => ({
  z: [teacherRows * views, width],
  w: [prototypes, width],
  u: [teacherRows, width],
  wt: [prototypes, width],
  c: [prototypes],
});
type Name = keyof ReturnType<typeof shapesOf>;

/** Loss, entropy and all gradients of one setting. */
async function evaluate(sizes: Sizes, options: PrototypeCrossEntropyOptions, feeds: Arrays) {
  const shapes = shapesOf(sizes);
  const declare = (name: Name) => input(name, 'float32', shapes[name]);
  const [z, w, u, wt, c] = [declare('z'), declare('w'), declare('u'), declare('wt'), declare('c')];
  const { loss, teacherEntropy } = prototypeCrossEntropy(
    {
      student: { features: z, prototypes: w },
      teacher: { features: u, prototypes: wt },
      centre: c,
    },
    options,
  );
  const [dz, dw, du, dwt, dc] = grad(loss, [z, w, u, wt, c]);
  const outputs = { loss, teacherEntropy, dz: dz!, dw: dw!, du: du!, dwt: dwt!, dc: dc! };
  const session = await compile({ outputs }, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

/** Unit rows, as heads give them. */
function unitRows(name: string, shape: readonly number[]): NdArray<'float32'> {
  const random = createRandom(7, name);
  const width = shape.at(-1)!;
  const rows = normals(random, shape);
  const { data } = rows;
  for (let start = 0; start < data.length; start += width) {
    const row = data.subarray(start, start + width);
    const norm = Math.hypot(...row);
    for (let i = 0; i < width; i++) row[i]! /= norm;
  }
  return rows;
}

function feedsOf(sizes: Sizes): Record<Name, NdArray<'float32'>> {
  const shapes = shapesOf(sizes);
  const random = createRandom(7, 'centre');
  return {
    z: unitRows('z', shapes.z),
    w: unitRows('w', shapes.w),
    u: unitRows('u', shapes.u),
    wt: unitRows('wt', shapes.wt),
    c: float32(
      shapes.c,
      Array.from({ length: sizes.prototypes }, () => random.uniform(-0.2, 0.2)),
    ),
  };
}

const DINO = { studentTemperature: 0.1, teacherTemperature: 0.04 };

const numbers = (array: NdArray | undefined): number[] => Array.from(array!.data, Number);

/** The definition in doubles, and its gradients row by row: ∂/∂s = (p_s − p_t)/τ_s. */
function reference(
  { teacherRows, views, width, prototypes }: Sizes,
  { studentTemperature, teacherTemperature }: PrototypeCrossEntropyOptions,
  { z, w, u, wt, c }: Record<Name, NdArray<'float32'>>,
) {
  const dot = (a: NdArray<'float32'>, i: number, b: NdArray<'float32'>, j: number) => {
    let total = 0;
    for (let k = 0; k < width; k++) total += a.data[i * width + k]! * b.data[j * width + k]!;
    return total;
  };
  const logSoftmax = (logits: Float64Array) => {
    const largest = logits.reduce((a, b) => Math.max(a, b));
    const normalizer = largest + Math.log(logits.reduce((total, x) => total + Math.exp(x - largest), 0));
    return logits.map((x) => x - normalizer);
  };
  const rows = teacherRows * views;
  let [loss, entropy] = [0, 0];
  const dz = new Float64Array(rows * width);
  const dw = new Float64Array(prototypes * width);
  for (let i = 0; i < teacherRows; i++) {
    const target = logSoftmax(
      Float64Array.from(
        { length: prototypes },
        (_, k) => (dot(u, i, wt, k) - c.data[k]!) / teacherTemperature,
      ),
    );
    for (const logP of target) entropy -= (Math.exp(logP) * logP) / teacherRows;
    for (let row = i * views; row < (i + 1) * views; row++) {
      const student = logSoftmax(
        Float64Array.from({ length: prototypes }, (_, k) => dot(z, row, w, k) / studentTemperature),
      );
      for (let k = 0; k < prototypes; k++) {
        const p = Math.exp(target[k]!);
        loss -= (p * student[k]!) / rows;
        const slope = (Math.exp(student[k]!) - p) / studentTemperature / rows;
        for (let d = 0; d < width; d++) {
          dz[row * width + d]! += slope * w.data[k * width + d]!;
          dw[k * width + d]! += slope * z.data[row * width + d]!;
        }
      }
    }
  }
  return { loss: [loss], teacherEntropy: [entropy], dz: [...dz], dw: [...dw] };
}

const error = (actual: NdArray | undefined, expected: readonly number[]): number => {
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...numbers(actual).map((value, i) => Math.abs(value - expected[i]!))) / scale;
};

describe('cross-entropy over prototypes', () => {
  const sizes = { teacherRows: 5, views: 3, width: 6, prototypes: 33 };

  // 1e-5: logits near 25 carry 2e-6 of float32 rounding, which the exponential turns into relative error.
  it.each([undefined, 1, 2, 5])('equals its definition in blocks of %s rows', async (rows) => {
    const feeds = feedsOf(sizes);
    const result = await evaluate(sizes, { ...DINO, rows }, feeds);
    for (const [name, expected] of Object.entries(reference(sizes, DINO, feeds))) {
      expect(error(result[name], expected), name).toBeLessThan(1e-5);
    }
  });

  it('is accurate with 65,536 prototypes', async () => {
    const large = { teacherRows: 1, views: 2, width: 8, prototypes: 65_536 };
    const feeds = feedsOf(large);
    const result = await evaluate(large, DINO, feeds);
    const { loss, teacherEntropy, dz } = reference(large, DINO, feeds);
    // 1e-4: float32 sums of 65,536 terms.
    expect(error(result['loss'], loss)).toBeLessThan(1e-4);
    expect(error(result['teacherEntropy'], teacherEntropy)).toBeLessThan(1e-4);
    expect(error(result['dz'], dz)).toBeLessThan(1e-4);
  });

  it('is ln K with entropy ln K where all prototypes are alike', async () => {
    const feeds = feedsOf(sizes);
    const alike = float32(
      [33, 6],
      Array.from({ length: 33 * 6 }, (_, i) => feeds.w.data[i % 6]!),
    );
    const c = float32([33], new Float32Array(33));
    const result = await evaluate(sizes, DINO, { ...feeds, w: alike, wt: alike, c });
    expect(numbers(result['loss'])[0]).toBeCloseTo(Math.log(33), 5);
    expect(numbers(result['teacherEntropy'])[0]).toBeCloseTo(Math.log(33), 5);
  });

  it('of a uniform student is ln K whatever the teacher', async () => {
    const feeds = feedsOf(sizes);
    const result = await evaluate(sizes, DINO, { ...feeds, z: float32([15, 6], new Float32Array(90)) });
    expect(numbers(result['loss'])[0]).toBeCloseTo(Math.log(33), 5);
  });

  it('of a student equal to the teacher is the entropy, with no gradient', async () => {
    const one = { ...sizes, views: 1 };
    const { u, wt } = feedsOf(one);
    const temperatures = { studentTemperature: 0.1, teacherTemperature: 0.1 };
    const feeds = { z: u, w: wt, u, wt, c: float32([33], new Float32Array(33)) };
    const result = await evaluate(one, temperatures, feeds);
    const [loss, entropy] = [numbers(result['loss'])[0]!, numbers(result['teacherEntropy'])[0]!];
    expect(loss).toBeCloseTo(entropy, 5);
    expect(loss).toBeLessThan(Math.log(33) - 0.5);
    // Gradients of different students are near 1.
    for (const value of [...numbers(result['dz']), ...numbers(result['dw'])])
      expect(Math.abs(value)).toBeLessThan(1e-5);
  });

  it("a centre that is the teacher's logits makes its assignment uniform", async () => {
    const one = { teacherRows: 1, views: 2, width: 6, prototypes: 33 };
    const feeds = feedsOf(one);
    const logits = Array.from({ length: 33 }, (_, k) => {
      let total = 0;
      for (let d = 0; d < 6; d++) total += feeds.u.data[d]! * feeds.wt.data[k * 6 + d]!;
      return total;
    });
    const result = await evaluate(one, DINO, { ...feeds, c: float32([33], logits) });
    expect(numbers(result['teacherEntropy'])[0]).toBeCloseTo(Math.log(33), 5);
  });

  it('gives the teacher and the centre no gradient', async () => {
    const result = await evaluate(sizes, DINO, feedsOf(sizes));
    for (const name of ['du', 'dwt', 'dc'])
      expect(numbers(result[name]).every((value) => value === 0)).toBe(true);
    expect(numbers(result['dz']).some((value) => value !== 0)).toBe(true);
  });

  it('refuses rows that do not fit and temperatures that are not positive', () => {
    const side = (rows: number) => ({
      features: input('f', 'float32', [rows, 4]),
      prototypes: input('w', 'float32', [8, 4]),
    });
    const centre = input('c', 'float32', [8]);
    expect(() => prototypeCrossEntropy({ student: side(5), teacher: side(2), centre }, DINO)).toThrow(
      /5 student rows/,
    );
    expect(() =>
      prototypeCrossEntropy(
        { student: side(4), teacher: side(2), centre },
        { ...DINO, studentTemperature: -1 },
      ),
    ).toThrow(/studentTemperature is -1/);
  });
});
