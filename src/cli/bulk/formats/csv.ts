import { writeAtomic } from '../../../checkpoint/files/atomic.ts';
import type { Cell, OutputForm, Results } from './outputForm.ts';
import { writeLines } from './textLines.ts';

/** As RFC 4180 has it: quoted where a comma, a quote or the end of a line is inside. */
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A number in the fewest digits that give the float32 back. */
export const shortFloat = (value: number): number => Number(value.toPrecision(9));

const fields = (cell: Cell): string[] => {
  if (cell instanceof Float32Array) return Array.from(cell, (value) => String(shortFloat(value)));
  return [quoted(String(cell ?? ''))];
};

/** Writes a table with a header; a vector is as many columns as it is wide: `embedding_0`, …. */
export async function writeCsv<Value>(
  path: string,
  form: OutputForm<Value>,
  results: Results<Value>,
): Promise<void> {
  const header = form.columns.flatMap((column) =>
    column.type === 'vector'
      ? Array.from({ length: column.width }, (_, i) => `${column.name}_${i}`)
      : [column.name],
  );
  async function* lines() {
    yield header.map(quoted).join(',');
    for await (const { value, ...input } of results())
      for (const row of form.rows(input, value)) yield row.flatMap(fields).join(',');
  }
  await writeAtomic(path, (file) => writeLines(file, lines()));
}
