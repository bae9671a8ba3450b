import type { Random } from '../../../src/tensor/random.ts';
import { NUMBERS, TEXTS } from './interesting.ts';

type Mutator = (random: Random, bytes: Buffer, other: Uint8Array) => Buffer;

/** Most bytes of an input: larger ones only cost time. */
const MAX = 2 ** 18;

/** A place, and a number of bytes from there on: mostly few. */
function range(random: Random, length: number): [number, number] {
  const start = random.int(length + 1);
  const most = Math.min(length - start, random.int(4) === 0 ? length : 16);
  return [start, start + random.int(most + 1)];
}

const replace = (bytes: Buffer, [start, end]: [number, number], put: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(end)]);

const noise = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.int(256)));

function writeNumber(random: Random, bytes: Buffer): Buffer {
  const width = random.pick([1, 2, 4, 8]);
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt.asUintN(64, random.pick(NUMBERS)));
  const written = Buffer.from(field.subarray(0, width));
  if (random.int(2) === 0) written.reverse();
  const at = random.int(bytes.length + 1);
  return replace(bytes, [at, Math.min(bytes.length, at + width)], written);
}

const MUTATORS: readonly Mutator[] = [
  function flipBit(random, bytes) {
    if (bytes.length > 0) bytes[random.int(bytes.length)]! ^= 1 << random.int(8);
    return bytes;
  },
  function setByte(random, bytes) {
    if (bytes.length > 0) bytes[random.int(bytes.length)] = random.int(256);
    return bytes;
  },
  writeNumber,
  writeNumber,
  (random, bytes) => bytes.subarray(0, random.int(bytes.length + 1)),
  (random, bytes) => replace(bytes, range(random, bytes.length), Buffer.alloc(0)),
  (random, bytes) => replace(bytes, range(random, bytes.length), noise(random, random.int(16))),
  function fill(random, bytes) {
    const [start, end] = range(random, bytes.length);
    return bytes.fill(random.pick([0, 0x20, 0x7f, 0x80, 0xff]), start, end);
  },
  function repeat(random, bytes) {
    const [start, end] = range(random, bytes.length);
    const part = bytes.subarray(start, end);
    return replace(bytes, [end, end], Buffer.concat(Array(1 + random.int(8)).fill(part)));
  },
  function copyWithin(random, bytes) {
    const [start, end] = range(random, bytes.length);
    return bytes.copyWithin(random.int(bytes.length + 1), start, end);
  },
  function writeText(random, bytes) {
    const at = random.int(bytes.length + 1);
    return replace(bytes, [at, random.pick([at, bytes.length])], Buffer.from(random.pick(TEXTS)));
  },
  function writeDigits(random, bytes) {
    const [start, end] = range(random, bytes.length);
    return replace(bytes, [start, end], Buffer.from(String(random.pick(NUMBERS))));
  },
  (random, bytes, other) =>
    Buffer.concat([
      bytes.subarray(0, random.int(bytes.length + 1)),
      other.subarray(random.int(other.length + 1)),
    ]),
];

/** One to eight changes of any kind: fewer are likelier. */
export function mutateBytes(random: Random, seed: Uint8Array, seeds: readonly Uint8Array[]): Uint8Array {
  let bytes: Buffer = Buffer.from(seed);
  do bytes = random.pick(MUTATORS)(random, bytes, random.pick(seeds));
  while (random.int(8) < 4);
  return new Uint8Array(bytes.subarray(0, MAX));
}
