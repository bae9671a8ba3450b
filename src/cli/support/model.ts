import { hubEnvironment } from '../../checkpoint/hub/environment.ts';
import type { DownloadProgress } from '../../checkpoint/hub/options.ts';
import { resolveModel } from '../../checkpoint/hub/resolveModel.ts';
import { type ModelDirectory, openModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import { EMBEDDED_MODEL } from '../../encoder/embeddedModel.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { load } from '../../encoder/load.ts';
import type { LoadOptions } from '../../encoder/loadOptions.ts';
import { stackRows } from '../../tensor/rows.ts';
import { type CliIo, note } from './io.ts';
import type { ModelOptions } from './options.ts';
import { formatBytes, progressBar } from './progress.ts';

/** Runs `work` while a download that it may start is shown: one bar for all files of the model, and notes. */
export async function showingDownload<T>(
  io: CliIo,
  work: (onProgress: (progress: DownloadProgress) => void, onNotice: (message: string) => void) => Promise<T>,
): Promise<T> {
  const line = progressBar(io, 'download', formatBytes);
  const hidden = hubEnvironment().disableProgressBars;
  const onNotice = (message: string) => {
    line.end();
    note(io, message);
  };
  try {
    return await work(({ file, overall }) => {
      if (!hidden) line.update(overall.received, overall.total, file);
    }, onNotice);
  } finally {
    line.end();
  }
}

/** The folder of a model, fetched first where it is on the hub. */
const modelFolder = (
  { model = EMBEDDED_MODEL, offline }: Pick<ModelOptions, 'model' | 'offline'>,
  io: CliIo,
): Promise<string> =>
  showingDownload(io, (onProgress, onNotice) => resolveModel(model, { offline, onProgress, onNotice }));

/** Runs `use` with what `open` loads from a model's folder, and frees it afterwards. */
export async function withLoaded<Model extends { dispose(): Promise<void> }, T>(
  open: (folder: string, options: LoadOptions) => Promise<Model>,
  options: ModelOptions,
  io: CliIo,
  use: (model: Model, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await modelFolder(options, io);
  const { device, threads, maxPatches } = options;
  const onNotice = (message: string) => note(io, message);
  const model = await open(folder, { device, threads, maxNumPatches: maxPatches, onNotice });
  try {
    return await use(model, folder);
  } finally {
    await model.dispose();
  }
}

/** Runs `use` with a loaded model and its folder, and frees it afterwards. */
export const withEncoder = <T>(
  options: ModelOptions,
  io: CliIo,
  use: (encoder: Encoder, folder: string) => Promise<T>,
): Promise<T> => withLoaded(load, options, io, use);

/** Runs `use` with a model's files opened, nothing loaded. */
export async function withModelDirectory<T>(
  options: Pick<ModelOptions, 'model' | 'offline'>,
  io: CliIo,
  use: (directory: ModelDirectory) => Promise<T>,
): Promise<T> {
  const path = await modelFolder(options, io);
  const directory = await openModelDirectory(path);
  try {
    return await use(directory);
  } finally {
    await directory.weights.close();
  }
}

/** Items per group whose results are written together. */
export const GROUP = { image: 32, text: 128 } as const;

/**
 * Maps items in groups, with a bar, so that results can be written while the rest is computed.
 * @param work may return what prints a group's results: it is called when the bar is out of the way
 */
export async function inGroups<Item>(
  io: CliIo,
  label: string,
  items: readonly Item[],
  size: number,
  work: (group: readonly Item[]) => Promise<(() => void) | undefined>,
): Promise<void> {
  const line = progressBar(io, label);
  try {
    line.update(0, items.length);
    for (let start = 0; start < items.length; start += size) {
      const group = items.slice(start, start + size);
      const write = await work(group);
      if (write) {
        line.end();
        write();
      }
      line.update(start + group.length, items.length);
    }
  } finally {
    line.end();
  }
}

/** Embeds items in groups, with a bar, into one table [n, width]. */
export async function embedInGroups<Item>(
  io: CliIo,
  label: string,
  items: readonly Item[],
  size: number,
  width: number,
  embed: (group: readonly Item[]) => Promise<Embeddings>,
): Promise<Embeddings> {
  const tables: Embeddings[] = [];
  await inGroups(io, label, items, size, async (group) => {
    tables.push(await embed(group));
    return undefined;
  });
  return stackRows('float32', [width], tables);
}
