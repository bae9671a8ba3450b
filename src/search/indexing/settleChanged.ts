import type { Change } from '../collection/change.ts';
import type { FileFacts } from '../collection/picture.ts';
import type { Task } from './listing/compare.ts';
import { type ChangedTask, isChanged, lookAtChanged } from './reading/changed.ts';
import { type Replaced, rearrange } from './reading/rearrange.ts';
import type { Sources } from './reading/sources.ts';
import type { Ledger } from './summary/ledger.ts';
import type { Writer } from './writing/writer.ts';

export interface ChangedContext {
  readonly sources: Sources;
  readonly writer: Writer;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  readonly retryBad: boolean;
}

/** Changed files that are hashed side by side. */
const WIDTH = 4;

/** What is known of a file with the same bytes and another time, or undefined where it has to be read. */
function sameAgain({ known, isAgain }: ChangedTask, file: FileFacts, retryBad: boolean): Change | undefined {
  if (isAgain) return undefined;
  if (known.bad === undefined) return known.embedded ? { kind: 'move', from: file.path, file } : undefined;
  return retryBad ? undefined : { kind: 'bad', file, reason: known.bad };
}

/**
 * Settles files whose size or time has changed, by their bytes: those that were touched alone, and those that got what
 * other paths had.
 * @returns the tasks that remain, those last that replace what was known: its content may turn up at another path first
 */
export async function settleChanged(
  tasks: readonly Task[],
  { sources, writer, ledger, signal, retryBad }: ChangedContext,
): Promise<Task[]> {
  const settled = new Set<string>();
  const replaced: Replaced[] = [];
  for await (const { task, file } of lookAtChanged(tasks.filter(isChanged), WIDTH)) {
    if (signal.aborted) break;
    if (file && file.hash !== task.known.hash) replaced.push({ known: task.known, file });
    const change = file && file.hash === task.known.hash && sameAgain(task, file, retryBad);
    if (!change) continue;
    settled.add(task.path);
    writer.add([change]);
    if (change.kind === 'bad') ledger.bad(task.path, change.reason);
    else ledger.good('touched');
    if (writer.isDue()) await writer.flush();
  }
  if (signal.aborted) return [];
  const { changes, moves } = rearrange(replaced, sources);
  writer.add(changes);
  await writer.finish();
  const moved = new Map(moves.map(({ from, file }) => [file.path, { ...from, ...file }]));
  const isReplaced = new Set(replaced.map(({ file }) => file.path));
  const left: Task[] = [];
  const last: Task[] = [];
  for (const task of tasks) {
    const known = moved.get(task.path);
    if (known?.embedded) ledger.good('moved');
    else if (known) left.push({ ...task, known });
    else if (!settled.has(task.path)) (isReplaced.has(task.path) ? last : left).push(task);
  }
  return [...left, ...last];
}
