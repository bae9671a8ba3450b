import { float16ToFloat32, float32ToFloat16 } from '../../../../checkpoint/safetensors/castFloat.ts';

/** A model as far as its table of vectors needs it. */
export interface VectorModel {
  readonly id: number;
  readonly width: number;
}

/** pgvector's own limits of the type, and of an index on it. */
export const MOST_VALUES = 16_000;
export const MOST_INDEXED_VALUES = 4000;

/** Number of values, and two bytes that mean nothing yet. */
const HEADER = 4;

/** One vector as the server takes and gives it: big-endian. @param half float16 as bits, [width] */
function writeHalfvec(half: Uint16Array): Buffer {
  const bytes = Buffer.alloc(HEADER + 2 * half.length);
  bytes.writeUInt16BE(half.length, 0);
  copyHalves(half, bytes, HEADER);
  return bytes;
}

function copyHalves(half: Uint16Array, target: Buffer, at: number): void {
  for (let i = 0; i < half.length; i++) target.writeUInt16BE(half[i]!, at + 2 * i);
}

/** Copies what `halfvec_send` gives into row `row` of [rows, width]. */
export function readHalfvec(bytes: Buffer, target: Uint16Array, row: number): void {
  const width = bytes.readUInt16BE(0);
  for (let i = 0; i < width; i++) target[row * width + i] = bytes.readUInt16BE(HEADER + 2 * i);
}

/**
 * Several vectors as one value, an array in PostgreSQL's binary form: its text would be four times as long.
 * @param type number of the type halfvec in this database
 * @param vectors float16 as bits, each [width]
 */
export function writeHalfvecArray(type: number, vectors: readonly Uint16Array[]): Buffer {
  const width = vectors[0]?.length ?? 0;
  const element = 4 + HEADER + 2 * width;
  const bytes = Buffer.alloc(20 + vectors.length * element);
  // Dimensions, no nulls, type, length, first subscript.
  [1, 0, type, vectors.length, 1].forEach((value, i) => {
    bytes.writeInt32BE(value, 4 * i);
  });
  vectors.forEach((half, row) => {
    const at = 20 + row * element;
    bytes.writeInt32BE(HEADER + 2 * width, at);
    bytes.writeUInt16BE(width, at + 4);
    copyHalves(half, bytes, at + 4 + HEADER);
  });
  return bytes;
}

/** A query of unit length as a halfvec, and how far it is from it. */
export interface HalfQuery {
  readonly bytes: Buffer;
  /** Length of the query. */
  readonly norm: number;
  /** Most by which the server's inner product with a vector of unit length is off, in units of `norm`. */
  readonly error: number;
}

/** Vectors are of unit length but for their rounding to float16. */
const LONGEST = 1.01;

/**
 * The server sums products of float16 values in float32. The bound has the rounding of the query (by Cauchy and Schwarz)
 * and that of the sum, whatever its order.
 * @param query [width], of any length
 */
export function toHalfQuery(query: Float32Array): HalfQuery {
  const norm = Math.hypot(...query);
  const half = float32ToFloat16(norm === 0 ? query : query.map((value) => value / norm));
  const rounded = float16ToFloat32(half);
  const rounding = norm === 0 ? 0 : Math.hypot(...rounded.map((value, i) => value - query[i]! / norm));
  return {
    bytes: writeHalfvec(half),
    norm,
    error: LONGEST * (rounding * (1 + 1e-6) + query.length * 2 ** -23),
  };
}
