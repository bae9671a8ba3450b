import { widenInto } from '../../../checkpoint/safetensors/castFloat.ts';
import { type Bank, bestForm, createBank, type ScanForm } from './bank.ts';
import { BLOCK, type Layout, layoutOf, RECORD_HEAD } from './layout.ts';
import { quantise } from './quantise.ts';
import { createSlotTable } from './slotTable.ts';

export interface RowsOptions {
  /** Default: the faster one that the engine has. */
  readonly form?: ScanForm | undefined;
  /** Most bytes of one memory. Default: 4 GiB less a page. */
  readonly bankBytes?: number | undefined;
}

/** What a record holds: about scale · values, at most radius away. */
export interface Row {
  readonly id: number;
  readonly scale: number;
  readonly radius: number;
  /** [width], in the bank's memory. */
  readonly values: Int8Array;
}

/** Rows of 8-bit integers in slots 0 … count − 1, in as many banks as they need. */
export interface Rows {
  readonly layout: Layout;
  readonly banks: readonly Bank[];
  readonly count: number;
  /** At least the length of every vector. */
  readonly reach: number;
  /** How often slots have changed. */
  readonly changes: number;
  slotOf(id: number): number | undefined;
  rowAt(slot: number): Row;
  set(ids: readonly number[], vectors: Uint16Array): void;
  /** Adds one row, of finite values; `slack` is added to its radius. */
  append(id: number, vector: Float32Array, slack: number): void;
  remove(ids: Iterable<number>): void;
  /** The records of so many rows in pieces of memory: to be written into a file, or to be filled and then adopted. */
  records(count: number): Generator<Uint8Array<ArrayBufferLike>>;
  /**
   * Takes over records that were filled in from slot 0 on; before, there was no row.
   * @returns false where their ids cannot be right: then the rows are of no use
   */
  adopt(count: number, reach: number): boolean;
}

/** Bytes of a piece of records: enough that reading many of them costs no more than one. */
const PIECE_BYTES = 2 ** 23;

/** Where in its bank a slot's record lies. */
const placeOf = ({ rowsAt, stride, rowsPerBank }: Layout, slot: number) => ({
  bank: Math.floor(slot / rowsPerBank),
  at: rowsAt + (slot % rowsPerBank) * stride,
});

/** Id of the record at a position of a bank. */
export const idAt = (bank: Bank, at: number): number => new Float64Array(bank.buffer(), at + 8, 1)[0]!;

const isId = (id: number): boolean => Number.isSafeInteger(id) && id >= 1;

function checkRows(width: number, ids: readonly number[], vectors: Uint16Array): void {
  if (vectors.length !== ids.length * width)
    throw new RangeError(`${ids.length} vectors of ${width} values are not ${vectors.length} values`);
  const odd = ids.find((id) => !isId(id));
  if (odd !== undefined) throw new RangeError(`the id ${odd} is no whole number from 1`);
  for (let i = 0; i < vectors.length; i++)
    if ((vectors[i]! & 0x7c00) === 0x7c00)
      throw new RangeError(`the vector of ${ids[Math.floor(i / width)]} has a value that is not finite`);
}

export function createRows(width: number, { form = bestForm(), bankBytes }: RowsOptions = {}): Rows {
  const layout = layoutOf(width, bankBytes);
  const { stride, rowsAt, rowsPerBank } = layout;
  const banks: Bank[] = [];
  const table = createSlotTable();
  const wide = new Float32Array(width);
  let [count, reach, changes] = [0, 0, 0];

  function reserve(rows: number): void {
    for (let first = 0; first < rows; first += rowsPerBank) {
      const index = first / rowsPerBank;
      banks[index] ??= newBank();
      banks[index].reserve(rowsAt + Math.min(rowsPerBank, rows - first) * stride);
    }
  }

  function newBank(): Bank {
    const bank = createBank(form);
    bank.reserve(rowsAt);
    const order = new Uint32Array(bank.buffer(), layout.orderAt, BLOCK);
    for (let i = 0; i < BLOCK; i++) order[i] = i;
    return bank;
  }

  function write(slot: number, id: number, vector: Float32Array, slack = 0): void {
    const { bank, at } = placeOf(layout, slot);
    const buffer = banks[bank]!.buffer();
    const values = new Int8Array(buffer, at + RECORD_HEAD, width);
    const { scale, radius, length } = quantise(vector, values, slack);
    new Float32Array(buffer, at, 2).set([scale, radius]);
    new Float64Array(buffer, at + 8, 1)[0] = id;
    reach = Math.max(reach, length + radius);
  }

  function rowAt(slot: number): Row {
    const { bank, at } = placeOf(layout, slot);
    const buffer = banks[bank]!.buffer();
    const [scale, radius] = new Float32Array(buffer, at, 2);
    const values = new Int8Array(buffer, at + RECORD_HEAD, width);
    return { id: idAt(banks[bank]!, at), scale: scale!, radius: radius!, values };
  }

  function removeOne(id: number): void {
    const slot = table.get(id);
    if (slot === undefined) return;
    table.delete(id);
    count--;
    if (slot === count) return;
    // The last row moves into the gap.
    const [last, gap] = [placeOf(layout, count), placeOf(layout, slot)];
    const record = new Uint8Array(banks[last.bank]!.buffer(), last.at, stride);
    new Uint8Array(banks[gap.bank]!.buffer(), gap.at, stride).set(record);
    table.set(idAt(banks[gap.bank]!, gap.at), slot);
  }

  function* records(rows: number): Generator<Uint8Array<ArrayBufferLike>> {
    reserve(rows);
    const most = Math.max(1, Math.floor(PIECE_BYTES / stride));
    for (let slot = 0; slot < rows; ) {
      const { bank, at } = placeOf(layout, slot);
      const length = Math.min(most, rows - slot, rowsPerBank - (slot % rowsPerBank));
      yield new Uint8Array(banks[bank]!.buffer(), at, length * stride);
      slot += length;
    }
  }

  function adopt(rows: number, newReach: number): boolean {
    changes++;
    for (let slot = 0; slot < rows; slot++) {
      const { bank, at } = placeOf(layout, slot);
      const id = idAt(banks[bank]!, at);
      if (!isId(id) || table.get(id) !== undefined) return false;
      table.set(id, slot);
    }
    [count, reach] = [rows, newReach];
    return true;
  }

  return {
    layout,
    banks,
    records,
    adopt,
    get count() {
      return count;
    },
    get reach() {
      return reach;
    },
    get changes() {
      return changes;
    },
    slotOf: table.get,
    rowAt,
    set(ids, vectors) {
      checkRows(width, ids, vectors);
      reserve(count + new Set(ids.filter((id) => table.get(id) === undefined)).size);
      changes++;
      ids.forEach((id, i) => {
        const known = table.get(id);
        const slot = known ?? count++;
        if (known === undefined) table.set(id, slot);
        widenInto(wide, vectors.subarray(i * width, (i + 1) * width), 'float16');
        write(slot, id, wide);
      });
    },
    append(id, vector, slack) {
      reserve(count + 1);
      changes++;
      table.set(id, count);
      write(count++, id, vector, slack);
    },
    remove(ids) {
      changes++;
      for (const id of ids) removeOne(id);
    },
  };
}
