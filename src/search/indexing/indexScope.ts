import { isFolder } from '../../checkpoint/files/stats.ts';
import type { Collection, StoredModel } from '../collection/collection.ts';
import { pictureReader } from '../pictures/pictureReader.ts';
import { noteFolders } from './folders.ts';
import { assertSameImages } from './imageProbe.ts';
import { type Comparison, compare, type Task } from './listing/compare.ts';
import { listScope, type ScopeListing } from './listing/listScope.ts';
import { apartEmptied, type EmptiedFolder, missingOf } from './listing/missing.ts';
import { coverage, type Scope } from './listing/scope.ts';
import type { IndexOptions, IndexSummary, PictureEncoder } from './options.ts';
import { createClaims } from './reading/claims.ts';
import { readTasks } from './reading/readTasks.ts';
import { createSources, type Sources } from './reading/sources.ts';
import { settleChanged } from './settleChanged.ts';
import { createLedger, faultText, type Ledger } from './summary/ledger.ts';
import { openPartlyRead } from './summary/partlyRead.ts';
import { embedTasks } from './writing/embedTasks.ts';
import { createWriter } from './writing/writer.ts';

/** What a call works with. */
export interface IndexWork {
  readonly collection: Collection;
  readonly encoder: PictureEncoder;
  readonly model: StoredModel;
  readonly scope: Scope;
  readonly options: IndexOptions;
  /** Milliseconds for which a file must be as it is; a younger one is left for later. Default 0. */
  readonly quiet?: number | undefined;
}

/** Paths in a batch of those that are dropped. */
const DROPPED = 1000;

/** Counts what a listing and a comparison have settled already. */
function countKnown(
  { bad }: ScopeListing,
  { unchanged, stillBad, faults }: Comparison,
  ledger: Ledger,
): void {
  ledger.good('unchanged', unchanged);
  for (const one of bad) ledger.badSample(one);
  for (const { path, bad: reason = '' } of stillBad) ledger.bad(path, reason);
  for (const { path, fault } of faults) ledger.bad(path, faultText(path, fault));
}

/** A drive may go while it is read: then all that it has looks deleted. */
async function assertThere({ roots }: Scope): Promise<void> {
  for (const root of roots)
    if (!(await isFolder(root))) throw new Error(`${root}: went away while it was read; nothing is dropped`);
}

/** Drops what is missing and turned up nowhere. @returns folders whose files are kept, as they have nothing in them */
async function drop(
  { collection, model, scope, options }: IndexWork,
  sources: Sources,
  isListed: (path: string) => boolean,
  ledger: Ledger,
): Promise<readonly EmptiedFolder[]> {
  const missing = sources.left().filter(({ path }) => !isListed(path));
  if (missing.length > 0) await assertThere(scope);
  const { gone, emptied } = options.dropEmptied
    ? { gone: missing, emptied: [] }
    : await apartEmptied(missing, scope);
  for (let start = 0; start < gone.length; start += DROPPED) {
    const some = gone.slice(start, start + DROPPED);
    await collection.write(
      model.id,
      some.map(({ path }) => ({ kind: 'gone', path })),
    );
    ledger.good('dropped', some.length);
  }
  return emptied;
}

/** The encoder, which is looked at before it embeds the first pictures: where there are none, it need not start. */
function checked({ collection, encoder, model }: IndexWork): Pick<PictureEncoder, 'embedImages'> {
  let check: Promise<void> | undefined;
  return {
    async embedImages(images) {
      check ??= assertSameImages(collection, encoder, model);
      await check;
      return encoder.embedImages(images);
    },
  };
}

/** Whether a file has not been written just now. A time that is to come says nothing about that. */
function isQuiet({ modified }: Task, quiet = 0): boolean {
  const age = Date.now() - modified;
  return age >= quiet || age < -quiet;
}

/** Brings what a collection knows of a scope to what is there now. The caller has the collection's lock. */
export async function indexScope(work: IndexWork): Promise<IndexSummary> {
  const { collection, encoder, model, scope, options } = work;
  const {
    exclude = [],
    insideOnly = false,
    retryBad = false,
    onProgress,
    signal = new AbortController().signal,
  } = options;
  const readerOf = (path: string) => pictureReader(path, options.pictures);
  onProgress?.({ stage: 'list', done: 0 });
  const listing = await listScope(scope, {
    takes: (path) => readerOf(path) !== undefined,
    exclude,
    insideOnly,
  });
  const { paths, skipped, excluded } = listing;
  const partly = await openPartlyRead(collection);
  const comparison = await compare(collection, model.id, scope, paths, {
    howOf: (path) => readerOf(path)!.how,
    retryBad,
    isPart: partly.has,
    onProgress: (done) => onProgress?.({ stage: 'compare', done, total: paths.length }),
  });
  const { unlisted } = comparison;
  const tasks = comparison.tasks.filter((task) => isQuiet(task, work.quiet));
  let before = 0;
  const ledger = createLedger(() =>
    onProgress?.({ stage: 'embed', done: ledger.done - before, total: tasks.length }),
  );
  countKnown(listing, comparison, ledger);
  ledger.good('later', comparison.tasks.length - tasks.length);
  before = ledger.done;

  const sources = createSources(await missingOf(unlisted, scope, exclude));
  const writer = createWriter(collection, model.id, partly);
  const left = await settleChanged(tasks, { sources, writer, ledger, signal, retryBad });
  if (left.length > 0 && !signal.aborted) {
    const claims = createClaims();
    const context = { collection, model: model.id, pictureModel: encoder, readerOf, sources, claims, signal };
    await embedTasks(readTasks(left, context), { encoder: checked(work), claims, writer, ledger, partly });
  }
  const summary = async (
    isStopped: boolean,
    emptied: readonly EmptiedFolder[] = [],
  ): Promise<IndexSummary> => ({
    ...ledger.report(),
    partly: await partly.report(model.id, coverage(scope)),
    ...{ skipped, excluded, emptied, isStopped },
  });
  if (signal.aborted) return summary(true);
  const listed = new Set(comparison.tasks.map(({ path }) => path));
  const emptied = await drop(work, sources, (path) => listed.has(path), ledger);
  // A part of a folder is no news of the whole.
  if (scope.folders === scope.roots) await noteFolders(collection, scope.roots, Date.now());
  return summary(false, emptied);
}
