import { byteWidth, type DType } from '../../tensor/ndarray.ts';
import { CheckpointError, damaged, quote } from '../files/errors.ts';

/** What the header of a `.npy` array says. */
export interface NpyHeader {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Column-major storage. */
  readonly fortran: boolean;
  /** Bytes before the data. */
  readonly headerLength: number;
}

/** Numpy's type codes, little-endian only. bfloat16 is no type of numpy's own: it is written as two raw bytes. */
const DTYPES: ReadonlyMap<string, DType> = new Map([
  ['<f4', 'float32'],
  ['<f2', 'float16'],
  ['|V2', 'bfloat16'],
  ['<V2', 'bfloat16'],
  ['<i4', 'int32'],
  ['<i8', 'int64'],
  ['|u1', 'uint8'],
  ['|b1', 'bool'],
]);

/** Bytes that always suffice for the headers numpy writes (its own limit for untrusted files). */
export const MAX_NPY_HEADER = 10_000;

const FIELDS =
  /^\{'descr': '([^']{1,8})', 'fortran_order': (True|False), 'shape': \((?:(\d+),|(\d+(?:, \d+)+),?)?\), \} *\n$/;

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');

/** The header of a row-major `.npy` array in format 1.0, as numpy writes it: the data begins at a multiple of 64. */
export function npyHeader(dtype: DType, shape: readonly number[]): Buffer {
  const code = [...DTYPES].find(([, type]) => type === dtype)![0];
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const fields = `{'descr': '${code}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const prefix = MAGIC.length + 4;
  const length = Math.ceil((prefix + fields.length + 1) / 64) * 64 - prefix;
  const header = Buffer.alloc(prefix + length, ' ');
  MAGIC.copy(header);
  header.set([1, 0], MAGIC.length);
  header.writeUInt16LE(length, MAGIC.length + 2);
  header.write(fields, prefix, 'latin1');
  header.write('\n', prefix + length - 1, 'latin1');
  return header;
}

/**
 * Parses the header of a `.npy` array, format 1.0 to 3.0, exactly as numpy writes it.
 * @param bytes the start of the array's file.
 * @param size bytes of the whole array file; header and data must fill it exactly.
 * @throws CheckpointError at the first fault.
 */
export function parseNpyHeader(bytes: Buffer, size: number, file: string, name: string): NpyHeader {
  const fail = (fault: string): never => {
    throw damaged(file, `array ${quote(name)} ${fault}`);
  };
  const version = bytes[6];
  if (bytes.length < 12 || !bytes.subarray(0, 6).equals(MAGIC)) return fail('is not a .npy array');
  if (version !== 1 && version !== 2 && version !== 3)
    return fail(`has .npy version ${version}, expected 1 to 3`);
  const prefix = version === 1 ? 10 : 12;
  const headerLength = prefix + (version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (headerLength > bytes.length) return fail(`has a header of ${headerLength} bytes, more than expected`);
  const fields = FIELDS.exec(bytes.toString('latin1', prefix, headerLength));
  if (!fields) return fail('has a .npy header that cannot be understood');

  const [, code = '', order, single, several] = fields;
  const dtype = DTYPES.get(code);
  if (!dtype) {
    const fault = `array ${quote(name)} has numpy type ${quote(code)}`;
    throw new CheckpointError(file, `${fault}; convert it to one of ${[...DTYPES.keys()].join(' ')}`);
  }
  const shape = (single ?? several ?? '').split(', ').filter(Boolean).map(Number);
  let expected = byteWidth(dtype);
  for (const n of shape) expected *= n;
  if (!Number.isSafeInteger(expected) || headerLength + expected !== size) {
    return fail(
      `is ${size - headerLength} bytes long, but [${shape.join(', ')}] of ${dtype} needs ${expected}`,
    );
  }
  return { dtype, shape, fortran: order === 'True' && shape.length > 1, headerLength };
}
