import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { writeAll, writeAtomic } from '../../../checkpoint/files/atomic.ts';
import type { Cell, Column, OutputForm, Results } from './outputForm.ts';

/** Floats of embeddings have no two alike, nothing to compress, and no use of their smallest and largest. */
const PLAIN_FLOATS = { encoding: 'PLAIN', codec: 'UNCOMPRESSED', statistics: false } as const;

/** Rows of a group: that many are held at once. */
const GROUP = 1000;

function elementsOf(column: Column): SchemaElement[] {
  const { name, type } = column;
  if (type === 'vector')
    return [
      { name, repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
    ];
  if (type === 'string')
    return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }];
  return [{ name, type: type === 'number' ? 'DOUBLE' : 'BOOLEAN', repetition_type: 'OPTIONAL' }];
}

const plain = (cell: Cell): unknown => (cell instanceof Float32Array ? Array.from(cell) : cell);

/** Writes a table; vectors are lists of floats. A group of rows is held at a time. */
export async function writeParquet<Value>(
  path: string,
  { columns, rows }: OutputForm<Value>,
  results: Results<Value>,
): Promise<void> {
  const schema = [{ name: 'root', num_children: columns.length }, ...columns.flatMap(elementsOf)];
  await writeAtomic(path, async (file) => {
    const bytes = new ByteWriter();
    const drain = async () => {
      await writeAll(file, bytes.getBytes());
      bytes.index = 0;
    };
    const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'siglip2' });
    let held: (readonly Cell[])[] = [];
    const writeGroup = async () => {
      const columnData = columns.map(({ name, type }, i) => ({
        name,
        data: held.map((row) => plain(row[i])),
        ...(type === 'vector' && PLAIN_FLOATS),
      }));
      held = [];
      await writer.write({ columnData, rowGroupSize: GROUP });
      await drain();
    };
    for await (const { value, ...input } of results()) {
      held.push(...rows(input, value));
      if (held.length >= GROUP) await writeGroup();
    }
    if (held.length > 0) await writeGroup();
    await writer.finish();
    await drain();
  });
}
