import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  bfloat16ToFloat32,
  castFloat,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../../src/checkpoint/safetensors/castFloat.ts';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { float32, int32 } from '../../../src/tensor/ndarray.ts';
import { FIXTURES } from '../temporary.ts';

const ALL = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

/** The definition of IEEE 754 binary16, in plain arithmetic. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

test('all 65,536 halves widen to their defined value', () => {
  const wide = float16ToFloat32(ALL);
  const wrong = [...ALL].filter((bits) => !Object.is(wide[bits], halfValue(bits)));
  expect(wrong).toEqual([]);
});

test('all halves and bfloat16s survive the way to float32 and back', () => {
  const nanHalf = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
  const halves = float32ToFloat16(float16ToFloat32(ALL));
  // A signalling NaN comes back quiet (bit 9 set); all else is the identity.
  expect([...ALL].filter((bits) => halves[bits] !== (nanHalf(bits) ? bits | 0x200 : bits))).toEqual([]);
  const nanBrain = (bits: number) => (bits & 0x7f80) === 0x7f80 && (bits & 0x7f) !== 0;
  const brains = float32ToBfloat16(bfloat16ToFloat32(ALL));
  expect([...ALL].filter((bits) => brains[bits] !== (nanBrain(bits) ? bits | 0x40 : bits))).toEqual([]);
});

test('midpoints between neighbouring halves round to the even one, their neighbours to the nearest', () => {
  const low = Array.from({ length: 0x7bff }, (_, bits) => bits);
  // Midpoints need 12 significant bits at most, so float32 holds them exactly.
  const middle = Float32Array.from(low, (bits) => (halfValue(bits) + halfValue(bits + 1)) / 2);
  const step = (by: number) =>
    new Float32Array(new Uint32Array(middle.buffer).map((bits) => bits + by).buffer);
  expect([...float32ToFloat16(middle)]).toEqual(low.map((bits) => bits + (bits & 1)));
  expect([...float32ToFloat16(step(-1))]).toEqual(low);
  expect([...float32ToFloat16(step(1))]).toEqual(low.map((bits) => bits + 1));
});

test('rounding equals numpy (float16) and torch (bfloat16)', async () => {
  const file = await openSafetensors(join(FIXTURES, 'halves.safetensors'));
  const values = await file.readFloat32('float32');
  const [f16, bf16] = [await file.read('float16'), await file.read('bfloat16')];
  await file.close();
  expect(values.data.length).toBeGreaterThan(4000);
  expect([...float32ToFloat16(values.data)]).toEqual([...f16.data]);
  expect([...float32ToBfloat16(values.data)]).toEqual([...bf16.data]);
});

test('castFloat converts between widths and refuses integers', () => {
  const array = float32([2], [1, 65_504]);
  expect([...castFloat(array, 'float16').data]).toEqual([0x3c00, 0x7bff]);
  expect([...castFloat(castFloat(array, 'float16'), 'bfloat16').data]).toEqual([0x3f80, 0x4780]);
  expect(castFloat(array, 'float32')).toBe(array);
  expect(() => castFloat(int32([1], [1]), 'float16')).toThrow(TypeError);
});
