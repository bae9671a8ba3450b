import { formatShape, sameShape, staticDim } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { applyOne, type Primitive } from '../tensor.ts';
import { requireDtype, requireInteger } from './check.ts';

const gatherPrimitive: Primitive<Record<string, never>> = {
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
  gradient: (node, [dy]) => [dy && scatterAdd(node.inputs[1]!, dy, staticDim(node.inputs[0]!.shape[0]))],
};

/** Rows of a table by id: table [V, d], ids [...] (int32 or int64, 0 ≤ id < V) → [..., d]. */
export const gather = (table: Tensor, ids: Tensor): Tensor => applyOne(gatherPrimitive, [table, ids], {});

interface RowsAttribute {
  readonly [key: string]: unknown;
  readonly rows: number;
}

const scatterAddPrimitive: Primitive<RowsAttribute> = {
  name: 'scatterAdd',
  infer([ids, values], { rows }) {
    requireDtype([ids], 'int32', 'int64');
    requireDtype([values], 'float32');
    requireInteger(rows, 'rows', 1);
    if (values!.shape.length === 0 || !sameShape(values!.shape.slice(0, -1), ids!.shape)) {
      throw new RangeError(`values must be one row per id, ${formatShape([...ids!.shape, 'width'])}`);
    }
    return [{ dtype: values!.dtype, shape: [rows, values!.shape.at(-1)!] }];
  },
  emit(writer, [ids, values], [y], node) {
    const width = staticDim(node.outputs[0]!.shape[1]);
    // Not ScatterND: on the CPU its threads race on repeated ids and lose updates. ScatterElements adds in order.
    const column = writer.op('Reshape', [ids!, writer.ints([-1, 1])]);
    const index = writer.op('Expand', [column, writer.ints([1, width])]);
    const updates = writer.op('Reshape', [values!, writer.ints([-1, width])]);
    const shape = writer.ints([node.attributes.rows, width]);
    const empty = writer.op('ConstantOfShape', [shape]);
    writer.op('ScatterElements', [empty, index, updates], { reduction: 'add', axis: 0 }, y);
  },
  gradient: (node, [dy]) => [undefined, dy && gather(dy, node.inputs[0]!)],
};

/** Adds rows of `values` [..., d] into a zero table [rows, d] at `ids` [...]; repeated ids accumulate. */
export const scatterAdd = (ids: Tensor, values: Tensor, rows: number): Tensor =>
  applyOne(scatterAddPrimitive, [ids, values], { rows });
