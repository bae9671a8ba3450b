import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { NdArray } from '../../tensor/ndarray.ts';
import { CheckpointError, quote, wrongField } from '../files/errors.ts';
import { readJson } from '../files/json.ts';
import { assertFiniteTensor } from '../safetensors/finite.ts';
import type { HeaderLimits, TensorEntry } from '../safetensors/header.ts';
import { openSafetensors, type SafetensorsFile } from '../safetensors/reader.ts';
import type { LazyTensor } from '../safetensors/writer.ts';
import { canonicalNames } from './names.ts';
import { type StoredTensor, stepOf, verifyTensor } from './soundWeights.ts';

/** Where one tensor lies. */
export interface WeightEntry extends TensorEntry {
  /** The safetensors file that holds it; `offset` counts from this file's start. */
  readonly file: string;
}

/** The tensors of one checkpoint, whether one file or many, under their canonical names. */
export interface Weights {
  readonly tensors: ReadonlyMap<string, WeightEntry>;
  /** Tensors of types that cannot be read, with the file's name of the type. */
  readonly unread: ReadonlyMap<string, string>;
  /** Updates of the training after which they were saved, where the files say so. */
  readonly step?: number;
  /** Reads a tensor in the dtype it is stored in. @throws CheckpointError when it is damaged, or holds NaN or infinity */
  read(name: string): Promise<NdArray>;
  /** Reads a float tensor of any width as float32. @throws CheckpointError as `read` */
  readFloat32(name: string): Promise<NdArray<'float32'>>;
  /**
   * Looks at tensors where they lie, without holding them: for an engine that maps them out of their files.
   * @throws CheckpointError naming the first that is damaged or holds NaN or infinity, or a file that was replaced
   */
  verify(names: Iterable<string>): Promise<void>;
  /** Also happens when nothing refers to the weights any more. */
  close(): Promise<void>;
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** A plain file name: an index must not reach outside its own directory. */
const isPlainName = (name: string): boolean => /^[^/\\:]+\.safetensors$/.test(name) && !name.startsWith('.');

async function readIndex(path: string): Promise<Map<string, string>> {
  const parsed = indexSchema.safeParse(await readJson(path));
  if (!parsed.success) throw wrongField(path, 'weight_map must map tensor names to file names');
  const map = new Map(Object.entries(parsed.data.weight_map));
  for (const file of map.values()) {
    if (!isPlainName(file))
      throw wrongField(path, `weight_map names ${quote(file)}, expected a .safetensors file beside it`);
  }
  return map;
}

/**
 * Names of the weight files that a sharded index asks for.
 * @throws CheckpointError when the index is unreadable, or names anything but a .safetensors file beside it.
 */
export const shardsOf = async (index: string): Promise<string[]> => [
  ...new Set((await readIndex(index)).values()),
];

const closeAll = async (files: Iterable<SafetensorsFile>): Promise<void> => {
  await Promise.all([...files].map((file) => file.close()));
};

/** Opens every file, or none: what was opened is closed again when one fails. */
async function openAll(
  paths: readonly string[],
  limits: HeaderLimits,
): Promise<Map<string, SafetensorsFile>> {
  const files = new Map<string, SafetensorsFile>();
  try {
    for (const path of paths) files.set(path, await openSafetensors(path, limits));
    return files;
  } catch (error) {
    await closeAll(files.values());
    throw error;
  }
}

/** Names of everything in a file, whether it can be read or not. */
const namesIn = ({ tensors, unread }: SafetensorsFile): string[] => [...tensors.keys(), ...unread.keys()];

/**
 * Stored name → open file, for a single file and for an index. An index says which files there are; what is in them, they
 * say themselves. Of two that hold a name the last counts, as in the reference.
 */
async function locate(
  path: string,
  limits: HeaderLimits,
): Promise<{ files: Map<string, SafetensorsFile>; owners: Map<string, SafetensorsFile> }> {
  const shards = path.endsWith('.json') ? [...new Set((await readIndex(path)).values())].sort() : undefined;
  const files = await openAll(shards?.map((file) => join(dirname(path), file)) ?? [path], limits);
  const owners = [...files.values()].flatMap((file) => namesIn(file).map((name) => [name, file] as const));
  return { files, owners: new Map(owners) };
}

/**
 * Opens a checkpoint's weights: a `.safetensors` file, or a `.safetensors.index.json` that spreads them over several.
 * Only headers are read. Names are canonical (see {@link canonicalNames}).
 * @throws CheckpointError when a file is missing or broken.
 */
export async function openWeights(path: string, limits: HeaderLimits = {}): Promise<Weights> {
  const { files, owners } = await locate(path, limits);
  const tensors = new Map<string, WeightEntry>();
  const unread = new Map<string, string>();
  const sources = new Map<string, StoredTensor>();
  let step: number | undefined;
  try {
    step = stepOf(path, files.values());
    for (const [name, stored] of canonicalNames(owners.keys(), path)) {
      const file = owners.get(stored)!;
      const entry = file.tensors.get(stored);
      if (!entry) {
        unread.set(name, file.unread.get(stored)!);
        continue;
      }
      tensors.set(name, { ...entry, file: file.path });
      sources.set(name, { file, stored });
    }
  } catch (error) {
    await closeAll(files.values());
    throw error;
  }
  const source = (name: string) => {
    const found = sources.get(name);
    if (!found)
      throw new CheckpointError(path, `has no tensor ${quote(name)}; see \`tensors\` for those it has`);
    return found;
  };
  return {
    tensors,
    unread,
    ...(step !== undefined && { step }),
    async read(name) {
      const { file, stored } = source(name);
      const array = await file.read(stored);
      assertFiniteTensor(file.path, stored, array);
      return array;
    },
    async readFloat32(name) {
      const { file, stored } = source(name);
      const array = await file.readFloat32(stored);
      assertFiniteTensor(file.path, stored, array);
      return array;
    },
    async verify(names) {
      for (const name of names) await verifyTensor(source(name));
      for (const file of files.values()) {
        if (!(await file.isUnchanged()))
          throw new CheckpointError(file.path, 'was replaced after it was opened; load the model again');
      }
    },
    close: () => closeAll(files.values()),
  };
}

/** The tensors as sources for a writer, each read when its turn comes: a checkpoint is copied one tensor at a time. */
export function* lazyTensors(weights: Weights): Generator<[string, LazyTensor]> {
  for (const [name, { dtype, shape }] of weights.tensors) {
    yield [name, { dtype, shape, load: () => weights.read(name) }];
  }
}
