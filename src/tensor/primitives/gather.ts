import type { NdArray } from '../ndarray.ts';
import { filled, type OnnxWriter } from '../onnx/writer.ts';
import { formatShape, sameShape, staticDim } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { applyOne, type Primitive } from '../tensor.ts';
import { requireDtype, requireInteger } from './check.ts';

interface CommonAttribute {
  readonly [key: string]: unknown;
  readonly common: number | undefined;
}

const gatherPrimitive: Primitive<CommonAttribute> = {
  name: 'gather',
  infer([table, ids]) {
    requireDtype([ids], 'int32', 'int64');
    if (table!.shape.length !== 2)
      throw new RangeError(`table must be [rows, width], got ${formatShape(table!.shape)}`);
    return [{ dtype: table!.dtype, shape: [...ids!.shape, table!.shape[1]!] }];
  },
  emit(writer, inputs, [y]) {
    writer.op('Gather', inputs, { axis: 0 }, y);
  },
  gradient: ({ inputs: [table, ids], attributes }, [dy]) => [
    dy && scatterAdd(ids!, dy, staticDim(table!.shape[0]), attributes.common),
  ],
};

/**
 * Rows of a table by id: table [V, d], ids [...] (int32 or int64, 0 ≤ id < V) → [..., d].
 * @param common an id that many entries have, for the gradient (see {@link scatterAdd})
 * @example
 * const rows = gather(input('table', 'float32', [1000, 64]), input('ids', 'int32', ['n', 16]));
 */
export const gather = (table: Tensor, ids: Tensor, common?: number): Tensor =>
  applyOne(gatherPrimitive, [table, ids], { common });

interface RowsAttribute extends CommonAttribute {
  readonly rows: number;
}

/** One row for all entries of an id that is common: its entries are summed by a product, and the others stay. */
function gatherCommon(
  writer: OnnxWriter,
  ids: string,
  values: string,
  common: NdArray,
): { ids: string; values: string } {
  const isCommon = writer.op('Equal', [ids, writer.constant(common)]);
  const isRare = writer.op('Not', [isCommon]);
  const weights = writer.op('Reshape', [writer.cast(isCommon, 'float32'), writer.ints([1, -1])]);
  const total = writer.op('MatMul', [weights, values]);
  const kept = (x: string) => writer.op('Compress', [x, isRare], { axis: 0 });
  return {
    ids: writer.op('Concat', [kept(ids), writer.constant(common)], { axis: 0 }),
    values: writer.op('Concat', [kept(values), total], { axis: 0 }),
  };
}

const scatterAddPrimitive: Primitive<RowsAttribute> = {
  name: 'scatterAdd',
  infer([ids, values], { rows, common }) {
    requireDtype([ids], 'int32', 'int64');
    requireDtype([values], 'float32');
    requireInteger(rows, 'rows', 1);
    if (common !== undefined && !(Number.isInteger(common) && common >= 0 && common < rows))
      throw new RangeError(`common must be an id below ${rows}, got ${common}`);
    if (values!.shape.length === 0 || !sameShape(values!.shape.slice(0, -1), ids!.shape)) {
      throw new RangeError(`values must be one row per id, ${formatShape([...ids!.shape, 'width'])}`);
    }
    return [{ dtype: values!.dtype, shape: [rows, values!.shape.at(-1)!] }];
  },
  emit(writer, [ids, values], [y], node) {
    const width = staticDim(node.outputs[0]!.shape[1]);
    const { rows, common } = node.attributes;
    // Not ScatterND: on the CPU its threads race on repeated ids and lose updates. ScatterElements adds in order.
    const all = {
      ids: writer.op('Reshape', [ids!, writer.ints([-1])]),
      values: writer.op('Reshape', [values!, writer.ints([-1, width])]),
    };
    const added =
      common === undefined
        ? all
        : gatherCommon(writer, all.ids, all.values, filled(node.inputs[0]!.dtype, [1], common));
    const column = writer.op('Reshape', [added.ids, writer.ints([-1, 1])]);
    const index = writer.op('Expand', [column, writer.ints([1, width])]);
    const shape = writer.ints([rows, width]);
    const empty = writer.op('ConstantOfShape', [shape]);
    writer.op('ScatterElements', [empty, index, added.values], { reduction: 'add', axis: 0 }, y);
  },
  gradient: (node, [dy]) => [undefined, dy && gather(dy, node.inputs[0]!)],
};

/**
 * Adds rows of `values` [..., d] into a zero table [rows, d] at `ids` [...]; repeated ids accumulate.
 * @param common an id that many entries have, such as padding's: a row costs some 10 ns an element on one thread, and
 *   the rows of this id are summed by one product instead. The result is the same up to the order of its additions.
 * @example
 * const table = scatterAdd(input('ids', 'int32', [16]), input('values', 'float32', [16, 64]), 1000);
 */
export const scatterAdd = (ids: Tensor, values: Tensor, rows: number, common?: number): Tensor =>
  applyOne(scatterAddPrimitive, [ids, values], { rows, common });
