import { type NdArray, ndarray } from '../../tensor/ndarray.ts';
import { oneOf } from '../../tensor/settings.ts';

/*
 * Conversions work on bit patterns (Uint32Array views), never on JavaScript numbers, so that NaN payloads survive.
 */

/** The float32 bits of one float16 bit pattern. */
function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: shift the leading one into the hidden bit.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

let halfTable: Uint32Array | undefined;

/** All 65,536 halves as float32 bits (256 KiB), made on first use. */
function halves(): Uint32Array {
  halfTable ??= Uint32Array.from({ length: 65_536 }, (_, half) => widenHalf(half));
  return halfTable;
}

/** The float16 bits nearest to a float32 bit pattern, ties to even; overflow gives infinity. */
function narrowToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >> 13) & 0x3ff);
  // 65520 is half way between the largest half (65504) and the next power of two: it rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    const odd = (magnitude >> 13) & 1;
    return sign | ((magnitude - 0x38000000 + 0xfff + odd) >> 13);
  }
  // At most half of the smallest subnormal (2^-25) rounds to zero.
  if (magnitude <= 0x33000000) return sign;
  const shift = 126 - (magnitude >> 23);
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const truncated = fraction >> shift;
  const rest = fraction & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  const up = rest > tie || (rest === tie && (truncated & 1) === 1);
  return sign | (truncated + (up ? 1 : 0));
}

/** The bfloat16 bits nearest to a float32 bit pattern, ties to even. */
function narrowToBfloat(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

/**
 * Widens 16-bit floats into `target`. The source may lie in the last half of the target's own memory: every
 * element is read before the write that covers it, so a file can be read and widened in one buffer.
 */
export function widenInto(target: Float32Array, source: Uint16Array, dtype: 'float16' | 'bfloat16'): void {
  const out = bitsOf(target);
  if (dtype === 'bfloat16') {
    for (let i = 0; i < source.length; i++) out[i] = source[i]! << 16;
    return;
  }
  const table = halves();
  for (let i = 0; i < source.length; i++) out[i] = table[source[i]!]!;
}

/** IEEE half bits → float32, exact. */
export function float16ToFloat32(source: Uint16Array): Float32Array {
  const target = new Float32Array(source.length);
  widenInto(target, source, 'float16');
  return target;
}

/** bfloat16 bits → float32, exact. */
export function bfloat16ToFloat32(source: Uint16Array): Float32Array {
  const target = new Float32Array(source.length);
  widenInto(target, source, 'bfloat16');
  return target;
}

type Narrow = Exclude<FloatDType, 'float32'>;
const NARROWED = { float16: narrowToHalf, bfloat16: narrowToBfloat } as const;
/** Magnitudes from this one up have no number in the narrow type: they round to its infinity. */
const INFINITE = { float16: 0x477ff000, bfloat16: 0x7f7f8000 } as const;

/**
 * Narrows float32 into `target`, rounding to nearest, ties to even. `target` may lie at the beginning of the source's
 * own memory: every element is read before the write that covers it.
 *
 * A plain loop: `Uint16Array.from` with a function makes a list of all elements first, which ends the process at the
 * 196 million of a released token table.
 * @returns how many finite values became infinite
 */
export function narrowInto(target: Uint16Array, source: Float32Array, dtype: Narrow): number {
  const bits = bitsOf(source);
  const narrow = NARROWED[dtype];
  const infinite = INFINITE[dtype];
  let overflows = 0;
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i]!;
    const magnitude = value & 0x7fffffff;
    if (magnitude >= infinite && magnitude < 0x7f800000) overflows++;
    target[i] = narrow(value);
  }
  return overflows;
}

/** float32 → IEEE half bits, round to nearest, ties to even; magnitudes from 65520 up become infinity. */
export function float32ToFloat16(source: Float32Array): Uint16Array {
  const target = new Uint16Array(source.length);
  narrowInto(target, source, 'float16');
  return target;
}

/** float32 → bfloat16 bits, round to nearest, ties to even. */
export function float32ToBfloat16(source: Float32Array): Uint16Array {
  const target = new Uint16Array(source.length);
  narrowInto(target, source, 'bfloat16');
  return target;
}

export type FloatDType = 'float32' | 'float16' | 'bfloat16';

/** What such a type must be. */
export const floatDTypeRule = oneOf<FloatDType>(['float32', 'float16', 'bfloat16']);

const isDType = <D extends FloatDType>(array: NdArray, dtype: D): array is NdArray<D> =>
  array.dtype === dtype;

/**
 * The array as float32; float32 itself is returned unchanged (no copy).
 * @throws TypeError for integers and booleans.
 */
function toFloat32(array: NdArray): NdArray<'float32'> {
  if (isDType(array, 'float32')) return array;
  if (isDType(array, 'float16')) return ndarray('float32', array.shape, float16ToFloat32(array.data));
  if (isDType(array, 'bfloat16')) return ndarray('float32', array.shape, bfloat16ToFloat32(array.data));
  throw new TypeError(`expected a float array, got ${array.dtype}`);
}

/** The largest number of each type, as messages write it. */
const LARGEST = { float16: '65504', bfloat16: '3.39e38' } as const;

/** Some numbers of an array are too large for a narrower type: they would become infinite. */
export class NarrowingError extends RangeError {
  override readonly name = 'NarrowingError';
  readonly dtype: Narrow;

  constructor(dtype: Narrow, count: number, of: number) {
    super(`${count} of ${of} numbers are beyond ±${LARGEST[dtype]}, the largest of ${dtype}`);
    this.dtype = dtype;
  }
}

/**
 * Converts between float widths, rounding to nearest, ties to even. Infinities and NaN stay what they are; a number
 * never becomes one.
 * @throws TypeError for integers and booleans.
 * @throws NarrowingError where a finite number is too large for the type
 */
export function castFloat(array: NdArray, dtype: FloatDType): NdArray {
  if (array.dtype === dtype) return array;
  if (dtype === 'float32') return toFloat32(array);
  const narrow = new Uint16Array(array.data.length);
  let overflows = 0;
  for (const [start, wide] of wideParts(array))
    overflows += narrowInto(narrow.subarray(start, start + wide.length), wide, dtype);
  if (overflows > 0) throw new NarrowingError(dtype, overflows, narrow.length);
  return ndarray(dtype, array.shape, narrow);
}

/** 4 MiB of float32. */
const PART = 2 ** 20;

/** An array as float32, part by part: one part of a 16-bit array is in memory at a time. */
function* wideParts(array: NdArray): Generator<readonly [start: number, wide: Float32Array]> {
  for (let start = 0; start < array.data.length; start += PART) {
    const part = array.data.subarray(start, start + PART);
    // The same type on a part of the same data: TypeScript cannot relate the two.
    yield [start, toFloat32({ ...array, shape: [part.length], data: part } as NdArray).data];
  }
}
