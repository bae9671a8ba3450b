import { stat } from 'node:fs/promises';
import { lookAhead, mapAhead } from '../../../data/streams/lookAhead.ts';
import type { Change } from '../../collection/change.ts';
import type { FileFacts } from '../../collection/picture.ts';
import type { ReadPicture } from '../../pictures/pictures.ts';
import type { Task } from '../listing/compare.ts';
import { factsOf } from '../listing/statFiles.ts';
import type { Claim, ClaimedFile } from './claims.ts';
import { type Entry, type PrepareContext, type Prepared, prepare } from './prepare.ts';

/** What reading files gives, in the order of the files. */
export type ReadEvent =
  | {
      readonly kind: 'known';
      readonly as: 'moved' | 'copied';
      readonly changes: readonly Change[];
      readonly claim?: Claim | undefined;
    }
  | ({ readonly kind: 'same'; readonly claim: Claim } & ClaimedFile)
  | { readonly kind: 'picture'; readonly entry: Entry; readonly picture: ReadPicture }
  /** All pictures of a file have been given; `missing` says what of it could not be read. */
  | { readonly kind: 'end'; readonly entry: Entry; readonly missing: string | undefined }
  | { readonly kind: 'failed'; readonly entry: Entry; readonly error: unknown }
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string }
  | { readonly kind: 'changing'; readonly path: string; readonly entry?: Entry | undefined };

/** Files that are read and decoded side by side. */
const WIDTH = 8;
/** Pictures, at the model's size, that wait for it. */
const DEPTH = 48;

async function isSame({ path, bytes, modified }: FileFacts): Promise<boolean> {
  const now = await stat(path).catch(() => undefined);
  if (!now) return false;
  const facts = factsOf(now);
  return facts.bytes === bytes && facts.modified === modified;
}

/** The pictures of a file; then that they are all, or why there are no more. */
async function* pictureEvents(
  { entry, pictures }: Extract<Prepared, { kind: 'pictures' }>,
  { signal }: PrepareContext,
): AsyncGenerator<ReadEvent> {
  let missing: string | undefined;
  try {
    let next = await pictures.next();
    for (; !next.done; next = await pictures.next()) yield { kind: 'picture', entry, picture: next.value };
    missing = next.value;
  } catch (error) {
    if (signal.aborted) return;
    // Half of a file that is being written can't be decoded either.
    const { path } = entry.file;
    yield entry.isHeld || (await isSame(entry.file))
      ? { kind: 'failed', entry, error }
      : { kind: 'changing', path, entry };
    return;
  } finally {
    await pictures.return?.();
  }
  const isWhole = entry.isHeld || (await isSame(entry.file));
  yield isWhole ? { kind: 'end', entry, missing } : { kind: 'changing', path: entry.file.path, entry };
}

async function* events(tasks: readonly Task[], context: PrepareContext): AsyncGenerator<ReadEvent> {
  async function* untilStopped() {
    for (const task of tasks) {
      if (context.signal.aborted) return;
      yield task;
    }
  }
  const prepared = mapAhead(
    untilStopped(),
    async (task) => ({ path: task.path, one: await prepare(task, context) }),
    WIDTH,
  );
  for await (const { path, one } of prepared) {
    if (context.signal.aborted) return;
    if (one.kind === 'pictures') yield* pictureEvents(one, context);
    else if (one.kind === 'unreadable' || one.kind === 'changing') yield { ...one, path };
    else yield one;
  }
}

/**
 * Reads files ahead of whoever embeds their pictures: several side by side, and a bounded number of pictures. Ends early
 * when the signal says so.
 */
export const readTasks = (tasks: readonly Task[], context: PrepareContext): AsyncGenerator<ReadEvent> =>
  lookAhead(events(tasks, context), DEPTH);
