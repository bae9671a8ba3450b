import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Weights } from '../checkpoint/weights.ts';
import type { ParameterTable } from '../nn/parameters.ts';
import type { WeightSource } from '../tensor/index.ts';

/** A graph's parameters as weights for a session, and the folder that their file locations are relative to. */
export interface SessionWeights {
  readonly weights: ReadonlyMap<string, WeightSource>;
  readonly externalDataFolder: string;
}

const FLOAT_BYTES = 4;

/**
 * Finds a checkpoint's tensors for a graph. float32 tensors stay in their file, which the engine maps: they cost no
 * reading time and no second copy. 16-bit ones are read and widened.
 */
export async function sessionWeights(parameters: ParameterTable, source: Weights): Promise<SessionWeights> {
  const weights = new Map<string, WeightSource>();
  let externalDataFolder = '.';
  for (const name of parameters.keys()) {
    const entry = source.tensors.get(name)!;
    // The hub's cache links to its blobs, and the runtime refuses links that leave the folder.
    const file = await realpath(entry.file);
    externalDataFolder = dirname(file);
    // An unaligned tensor (a header of odd length) cannot be mapped as floats.
    const mappable = entry.dtype === 'float32' && entry.offset % FLOAT_BYTES === 0;
    weights.set(
      name,
      mappable
        ? { location: basename(file), offset: entry.offset, length: entry.byteLength }
        : await source.readFloat32(name),
    );
  }
  return { weights, externalDataFolder };
}
