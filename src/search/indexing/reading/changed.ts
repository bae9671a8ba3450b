import { mapAhead } from '../../../data/streams/lookAhead.ts';
import type { StoredFile } from '../../collection/collection.ts';
import type { FileFacts } from '../../collection/picture.ts';
import type { Task } from '../listing/compare.ts';
import { readBytes } from './readBytes.ts';

/** A task whose path was known, with another size or time. */
export type ChangedTask = Task & { readonly known: StoredFile };

/** Whether a task's file may have the content that is known, or that of another known file. */
export const isChanged = (task: Task): task is ChangedTask =>
  task.known !== undefined &&
  task.known.how === task.how &&
  (task.known.bytes !== task.bytes || task.known.modified !== task.modified);

/** What changed files are now; undefined for those that can't be read, which whoever reads them says. */
export async function* lookAtChanged(
  tasks: Iterable<ChangedTask>,
  width: number,
): AsyncGenerator<{ readonly task: ChangedTask; readonly file: FileFacts | undefined }> {
  async function* all() {
    yield* tasks;
  }
  async function look(task: ChangedTask) {
    const read = await readBytes(task.path, false).catch(() => undefined);
    if (!read) return { task, file: undefined };
    const { bytes, modified, hash } = read;
    return { task, file: { path: task.path, bytes, modified, hash, how: task.how } };
  }
  yield* mapAhead(all(), look, width);
}
