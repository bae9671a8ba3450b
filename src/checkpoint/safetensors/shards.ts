import { join } from 'node:path';
import { writeJson } from '../files/atomic.ts';
import {
  byteLengthOf,
  type NamedTensors,
  orderTensors,
  type TensorSource,
  writeSafetensors,
} from './writer.ts';

type Pair = readonly [string, TensorSource];

/** Splits tensors, in order, into groups of at most `maxBytes`; a larger tensor stands alone. */
function splitIntoShards(pairs: readonly Pair[], maxBytes: number): Pair[][] {
  const shards: Pair[][] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const pair of pairs) {
    const size = byteLengthOf(pair[1]);
    if (filled + size > maxBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)?.push(pair);
    filled += size;
  }
  return shards;
}

const shardName = (i: number, count: number): string =>
  `model-${String(i + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.safetensors`;

/** What a model's files say of themselves: `transformers` refuses those that do not say their format. */
export const modelMetadata = (step?: number): Readonly<Record<string, string>> => ({
  format: 'pt',
  ...(step !== undefined && { step: String(step) }),
});

/**
 * Writes `model.safetensors`, or above `maxShardBytes` numbered shards and `model.safetensors.index.json`,
 * with checksums.
 * @param step updates of the training after which the tensors are as they are
 * @throws CheckpointError naming a tensor that holds NaN or infinity
 * @returns the names of the files written, the one that readers look for last.
 */
export async function writeWeights(
  directory: string,
  tensors: NamedTensors,
  maxShardBytes = Number.POSITIVE_INFINITY,
  step?: number,
): Promise<string[]> {
  const options = { metadata: modelMetadata(step), checksums: true, finite: true };
  const pairs = orderTensors(tensors);
  const shards = splitIntoShards(pairs, maxShardBytes);
  if (shards.length <= 1) {
    await writeSafetensors(join(directory, 'model.safetensors'), pairs, options);
    return ['model.safetensors'];
  }
  const files = shards.map((_, i) => shardName(i, shards.length));
  const weightMap: Record<string, string> = {};
  for (const [i, shard] of shards.entries()) {
    const file = shardName(i, shards.length);
    await writeSafetensors(join(directory, file), shard, options);
    for (const [name] of shard) weightMap[name] = file;
  }
  const total = pairs.reduce((sum, [, tensor]) => sum + byteLengthOf(tensor), 0);
  const index = { metadata: { total_size: total }, weight_map: weightMap };
  await writeJson(join(directory, 'model.safetensors.index.json'), index);
  return [...files, 'model.safetensors.index.json'];
}
