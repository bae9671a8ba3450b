import { writeAtomic } from '../../../checkpoint/files/atomic.ts';
import type { OutputForm, Results } from './outputForm.ts';
import { writeLines } from './textLines.ts';

/** Writes what `--json` prints. */
export async function writeJsonl<Value>(
  path: string,
  form: OutputForm<Value>,
  results: Results<Value>,
): Promise<void> {
  async function* lines() {
    for await (const { value, ...input } of results())
      for (const line of form.lines(input, value)) yield JSON.stringify(line);
  }
  await writeAtomic(path, (file) => writeLines(file, lines()));
}
