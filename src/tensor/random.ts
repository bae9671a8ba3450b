/**
 * Seeded random numbers that are the same on every machine and in every order of use.
 *
 * The generator is Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011): a
 * block cipher applied to a counter. A stream is named by a seed and any labels, so a consumer asks for the
 * stream of exactly its step, image or parameter and never has to save or replay generator state:
 *
 * @example
 * createRandom(seed, 'augment', step, item).uniform(0.8, 1.2);
 * createRandom(seed, 'init', 'text_model.head.weight').normal();
 */
export interface Random {
  /** Uniform in [0, 1), with 53 random bits. */
  next(): number;
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** Uniform integer in [0, n), without modulo bias. Throws if n is not an integer in 1 … 2^32. */
  int(n: number): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** Uniform permutation of 0 … n-1 (Fisher–Yates). */
  permutation(n: number): Int32Array;
  /** Shuffles in place and returns the same array. */
  shuffle<T>(items: T[]): T[];
  /** One element, uniformly. Throws on an empty array. */
  pick<T>(items: readonly T[]): T;
}

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/**
 * Philox4x32-10: writes the block of four uint32 for a 128-bit counter and a 64-bit key into `out`.
 * Equal to the Random123 reference (its known answers are in the test).
 */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
): void {
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Two 32-bit hashes of the labels (cyrb53's mixing); the type is hashed too, so 1 and '1' differ. */
function hashLabels(labels: readonly (number | string)[]): [number, number] {
  const text = labels.map((label) => `${typeof label === 'number' ? 'n' : 's'}${label}\u0000`).join('');
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [a >>> 0, b >>> 0];
}

/**
 * A random stream named by `seed` and labels. Equal names give equal streams; different names give
 * independent ones. The seed must be a safe non-negative integer; throws otherwise.
 * @example
 * const random = createRandom(0, 'shuffle', 3);
 */
export function createRandom(seed: number, ...stream: (number | string)[]): Random {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed is ${seed}; it must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}`);
  }
  const key0 = seed >>> 0;
  const key1 = Math.floor(seed / 2 ** 32);
  const [stream0, stream1] = hashLabels(stream);
  const block = new Uint32Array(4);
  let blockIndex = 0;
  let used = 4;
  let spareNormal: number | undefined;

  function word(): number {
    if (used === 4) {
      philox(blockIndex >>> 0, Math.floor(blockIndex / 2 ** 32), stream0, stream1, key0, key1, block);
      blockIndex++;
      used = 0;
    }
    return block[used++]!;
  }

  function next(): number {
    const high = word() >>> 5;
    const low = word() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  function int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new RangeError(`int(n) got n = ${n}; it must be an integer from 1 to 2^32`);
    }
    // Rejects the incomplete last cycle of n, so that every value has the same number of source words.
    const limit = 2 ** 32 - (2 ** 32 % n);
    let value = word();
    while (value >= limit) value = word();
    return value % n;
  }

  function normal(): number {
    if (spareNormal !== undefined) {
      const spare = spareNormal;
      spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  function shuffleInPlace<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = int(i + 1);
      const kept = items[i];
      items[i] = items[j];
      items[j] = kept;
    }
    return items;
  }

  return {
    next,
    uniform: (low, high) => low + (high - low) * next(),
    int,
    normal,
    permutation(n) {
      return shuffleInPlace(Int32Array.from({ length: n }, (_, i) => i));
    },
    shuffle: (items) => shuffleInPlace(items),
    pick(items) {
      if (items.length === 0) throw new RangeError('pick got an empty array; it needs at least one element');
      return items[int(items.length)]!;
    },
  };
}
