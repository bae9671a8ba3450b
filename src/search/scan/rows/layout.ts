/**
 * How rows lie in a bank's memory. In front is room for one question: the query, lists of the slots that are asked for, and
 * the answers. Then come the rows, one record each: 16 bytes (scale float32, radius float32, id float64) and the
 * values (int8), filled up with zeros to whole vectors of 16 bytes.
 */
export interface Layout {
  readonly width: number;
  /** Vectors of 16 values in a row. */
  readonly vectors: number;
  /** Bytes of a record. */
  readonly stride: number;
  /** The numbers from 0 to BLOCK, for rows that lie one after the other: a list that is always there. */
  readonly orderAt: number;
  readonly slotsAt: number;
  readonly outAt: number;
  /** Where the first record begins. */
  readonly rowsAt: number;
  /** Records in one bank. */
  readonly rowsPerBank: number;
}

/** Rows that are scored by one call. */
export const BLOCK = 2048;

/** Set in a listed slot whose row is read, so that memory is read in one piece, but not answered. */
export const READ_ONLY = 2 ** 31;

export const RECORD_HEAD = 16;

/** A page less than 4 GiB, so that every position is a number of 32 bits. */
const BANK_BYTES = 65_535 * 65_536;

const upTo = (unit: number, value: number): number => Math.ceil(value / unit) * unit;

/**
 * @param bankBytes most bytes of a bank
 * @throws RangeError for a width that is no whole number from 1, or of which not one row fits into a bank
 */
export function layoutOf(width: number, bankBytes = BANK_BYTES): Layout {
  if (!Number.isSafeInteger(width) || width < 1)
    throw new RangeError(`the width of a scan is ${width}; it must be a whole number of at least 1`);
  const vectors = Math.ceil(width / 16);
  const stride = RECORD_HEAD + vectors * 16;
  const orderAt = vectors * 32;
  const slotsAt = orderAt + BLOCK * 4;
  const outAt = slotsAt + BLOCK * 4;
  const rowsAt = upTo(64, outAt + BLOCK * 8);
  const rowsPerBank = Math.floor((bankBytes - rowsAt) / stride);
  if (rowsPerBank < 1) throw new RangeError(`rows of ${width} values do not fit into ${bankBytes} bytes`);
  return { width, vectors, stride, orderAt, slotsAt, outAt, rowsAt, rowsPerBank };
}
