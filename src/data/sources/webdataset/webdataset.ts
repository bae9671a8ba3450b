import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { expand } from 'brace-expansion';
import { check } from '../../../tensor/settings.ts';
import { badRead, messageOf } from '../../samples/badRead.ts';
import type { BadReason } from '../../samples/sample.ts';
import { checkPlace } from '../place.ts';
import { type ShardedSource, type ShardRead, type SourceOptions, sourceSchema } from '../source.ts';
import { compressionOf } from '../tar/compression.ts';
import { TarError } from '../tar/tarError.ts';
import { tarMembers } from '../tar/tarMembers.ts';
import { addMember, type Group, readGroup, splitMemberName } from './group.ts';

/**
 * Tar shards in the WebDataset layout: members of one name up to the first dot are one sample. `jpg`, `jpeg`, `png`,
 * `webp`, `avif`, `gif` hold the image, `txt` one caption per line, `json` captions, language and regions (as
 * img2dataset and {@link writeShards} write it). Shards are streamed: nothing is written to disk, and nothing larger
 * than the limits is held. Bad members spoil their sample, a broken archive ends its shard; both are reported.
 *
 * @param pattern a path, or several with braces: `shards/{000..012}.tar`
 * @throws Error when a shard is missing, not a file or compressed; RangeError naming the option that is none.
 * @example
 * const shards = await webdataset('data/{00000..00009}.tar');
 * for await (const { key } of readSource(shards)) console.log(key);
 */
export async function webdataset(
  pattern: string | readonly string[],
  options: SourceOptions = {},
): Promise<ShardedSource> {
  check('webdataset', sourceSchema, options);
  const patterns = typeof pattern === 'string' ? [pattern] : pattern;
  const shards = patterns.flatMap((one) => expand(one));
  if (shards.length === 0) throw new Error('webdataset: no shards are named: give a path or a pattern.');
  await Promise.all(shards.map(assertTar));
  const name = options.name ?? patterns.join(',');
  return {
    kind: 'sharded',
    name,
    shards,
    open(shard, place) {
      checkPlace(name, shards, shard, place);
      return readShard(shards[shard]!, place, name, options);
    },
  };
}

export async function assertFile(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Error(`${path}: can't be read: check the path or the braces of the pattern.`, { cause });
  });
  if (!found.isFile()) throw new Error(`${path}: is not a file: give the paths of the shards themselves.`);
}

/** Whoever has packed a shard learns it before the run. */
async function assertTar(path: string): Promise<void> {
  await assertFile(path);
  const packed = await compressionOf(path);
  if (packed)
    throw new Error(
      `${path}: is ${packed.name}, and shards are read unpacked (images are compressed already): ${packed.remedy}.`,
    );
}

async function* readShard(
  path: string,
  place: number,
  source: string,
  options: SourceOptions,
): AsyncGenerator<ShardRead> {
  let group: Group | undefined;
  try {
    for await (const member of tarMembers(path, place)) {
      const name = splitMemberName(member.name);
      if (!name || member.type === 'directory') continue;
      if (group && group.key !== name.key) {
        yield { ...readGroup(group, source, options), next: group.end };
        group = undefined;
      }
      group ??= { key: name.key, end: member.end };
      await addMember(group, name.extension, member, options);
    }
  } catch (error) {
    // The sample that was being read is lost with the rest of the shard; those before it are whole.
    yield { ...brokenShard(path, source, error), next: Number.MAX_SAFE_INTEGER };
    return;
  }
  if (group) yield { ...readGroup(group, source, options), next: group.end };
}

function brokenShard(path: string, source: string, error: unknown) {
  const reason: BadReason = error instanceof TarError ? error.reason : 'unreadable';
  return badRead(source, basename(path), reason, `${messageOf(error)}; the rest of the shard is skipped`);
}
