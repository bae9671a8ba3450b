import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Weights } from '../../checkpoint/huggingFace/weights.ts';
import type { ParameterTable } from '../../nn/parameters.ts';
import { inputNames, type Tensor, type WeightSource } from '../../tensor/index.ts';

/** The parameters that a graph reads, as weights for a session, and the folder that their file locations are relative to. */
export interface SessionWeights {
  readonly weights: ReadonlyMap<string, WeightSource>;
  readonly externalDataFolder: string;
  /** Names of those that the engine maps out of their files: nobody has looked at their numbers yet. */
  readonly mapped: readonly string[];
}

const FLOAT_BYTES = 4;

/**
 * Finds a checkpoint's tensors for a graph: those that its outputs depend on, and no others. float32 tensors stay in
 * their file, which the engine maps: they cost no reading time and no second copy. 16-bit ones are read and widened.
 */
export async function sessionWeights(
  graph: { readonly parameters: ParameterTable; readonly outputs: Readonly<Record<string, Tensor>> },
  source: Weights,
): Promise<SessionWeights> {
  const read = new Set(inputNames(Object.values(graph.outputs)));
  const weights = new Map<string, WeightSource>();
  const mapped: string[] = [];
  let folder: string | undefined;
  for (const name of graph.parameters.keys()) {
    if (!read.has(name)) continue;
    const entry = source.tensors.get(name)!;
    // The hub's cache links to its blobs, and the runtime refuses links that leave the folder.
    const file = await realpath(entry.file);
    // An unaligned tensor (a header of odd length) cannot be mapped as floats.
    const aligned = entry.dtype === 'float32' && entry.offset % FLOAT_BYTES === 0;
    if (aligned) folder ??= dirname(file);
    // Shards that lie in several folders (links): the runtime maps files of one.
    const mappable = aligned && dirname(file) === folder;
    if (mappable) mapped.push(name);
    weights.set(
      name,
      mappable
        ? { location: basename(file), offset: entry.offset, length: entry.byteLength }
        : await source.readFloat32(name),
    );
  }
  return { weights, externalDataFolder: folder ?? '.', mapped };
}
