import type { Collection, StoredModel } from '../collection/collection.ts';
import { nearPairs } from '../scan/pairs/nearPairs.ts';
import type { NearPair } from '../scan/pairs/pairScores.ts';
import { createScan, type Scan } from '../scan/scan.ts';

/** A scan of the vectors of some pictures. */
async function scanOf(
  collection: Collection,
  model: StoredModel,
  wanted: ReadonlySet<number>,
): Promise<Scan> {
  const { width } = model;
  const scan = createScan(width);
  for await (const { ids, vectors } of collection.allVectors(model.id)) {
    for (const [row, id] of ids.entries())
      if (wanted.has(id)) scan.set([id], vectors.subarray(row * width, (row + 1) * width));
  }
  return scan;
}

/** All pairs of some pictures whose cosine is at least `threshold`. */
export async function nearUnits(
  collection: Collection,
  model: StoredModel,
  wanted: ReadonlySet<number>,
  threshold: number,
  onProgress: ((done: number, total: number) => void) | undefined,
): Promise<NearPair[]> {
  const scan = await scanOf(collection, model, wanted);
  const fetch = (ids: readonly number[]) => collection.vectors(model.id, ids);
  const pairs: NearPair[] = [];
  for await (const part of nearPairs(scan, { threshold, fetch, onProgress }))
    for (const pair of part) pairs.push(pair);
  return pairs;
}
