import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { checksumText, continueChecksum } from '../../checkpoint/files/checksums.ts';
import { ReadableFile } from '../../checkpoint/files/readableFile.ts';
import { sizeOrZero } from '../../checkpoint/files/stats.ts';
import type { Sample } from '../samples/sample.ts';
import type { Source } from './source.ts';

/*
 * What a data set is, as a short text: parts with a name and a digest each, so that two can be compared and the
 * difference be said: `members 3f2a…; captions 9b1c…; pixels 77aa…`, or `shards 3f2a9b1c.77aa0042`.
 */

/** Files of more than this together are known by size and time of change: to read them would take minutes. */
const READ_WHOLE_BYTES = 4 * 2 ** 30;

const PIECE = 2 ** 20;
/** Files that are read side by side. */
const SIDE_BY_SIDE = 8;

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

const eight = (value: string): string => checksumText(crc32(value));

/** Size and checksum of a file, or size and time of change. What cannot be read is nothing: its reader says why. */
async function fileMark(path: string, whole: boolean): Promise<string> {
  try {
    if (!whole) {
      const { size, mtimeMs } = await stat(path);
      return `${size} ${Math.round(mtimeMs)}`;
    }
    const file = await ReadableFile.open(path);
    try {
      const buffer = new Uint8Array(Math.min(PIECE, file.stat.size));
      let [size, checksum] = [0, 0];
      for (;;) {
        const bytes = await file.read(buffer, size);
        if (bytes === 0) return `${size} ${checksum}`;
        checksum = continueChecksum(buffer.subarray(0, bytes), checksum);
        size += bytes;
      }
    } finally {
      await file.close();
    }
  } catch {
    return 'unreadable';
  }
}

async function marks(
  images: readonly Sample['image'][],
  limit: number,
): Promise<readonly [string, string[]]> {
  let bytes = 0;
  for (const image of images)
    if (typeof image === 'string' && bytes <= limit) bytes += await sizeOrZero(image);
  const whole = bytes <= limit;
  const markOf = async (image: Sample['image']): Promise<string> => {
    if (typeof image === 'string') return fileMark(image, whole);
    const pixels = image instanceof Uint8Array ? image : image.data;
    return `${pixels.length} ${continueChecksum(pixels, 0)}`;
  };
  const all: string[] = [];
  for (let i = 0; i < images.length; i += SIDE_BY_SIDE)
    all.push(...(await Promise.all(images.slice(i, i + SIDE_BY_SIDE).map(markOf))));
  return [whole ? '' : ' by time', all];
}

/**
 * What samples are: their names, what is said of them, and their pixels.
 * @param limit files of more bytes than this together are known by size and time of change
 */
export async function identifySamples(samples: readonly Sample[], limit = READ_WHOLE_BYTES): Promise<string> {
  const [how, pixels] = await marks(
    samples.map(({ image }) => image),
    limit,
  );
  const captions = samples.map(({ captions: all, regions = [] }) => [all, regions]);
  const members = digest(samples.map(({ key }) => key));
  return `members ${members}; captions ${digest(captions)}; pixels${how} ${digest(pixels)}`;
}

/** The identity of data with a second set beside it, on which it is evaluated. */
export const withHeldOut = (identity: string, heldOut: string): string =>
  `${identity}; held-out ${digest(heldOut)}`;

/** The identity of tables of which these columns are read. */
export const withColumns = (
  identity: string,
  columns: Readonly<Record<string, string | undefined>>,
): string =>
  `${identity}; columns ${digest(Object.entries(columns).filter(([, name]) => name !== undefined))}`;

/** What shards are, one by one and in their order; their names do not matter. */
export async function identifyShards(paths: readonly string[], limit = READ_WHOLE_BYTES): Promise<string> {
  const [how, all] = await marks(paths, limit);
  return `shards${how} ${all.map(eight).join('.')}`;
}

/**
 * What a source holds, for whoever trains on it: see {@link describeDifference}. Its texts are read, and its images.
 * @example
 * const then = await identifySource(await imageFolder('photos'));
 */
export async function identifySource(source: Source): Promise<string> {
  if (source.kind === 'sharded') return identifyShards(source.shards);
  const samples: Sample[] = [];
  for (let i = 0; i < source.size; i++) {
    const { sample } = await source.read(i);
    if (sample) samples.push(sample);
  }
  return identifySamples(samples);
}

const partsOf = (identity: string): Map<string, string> =>
  new Map(
    identity.split('; ').map((part) => {
      const space = part.lastIndexOf(' ');
      return [part.slice(0, space), part.slice(space + 1)];
    }),
  );

function shardDifference(then: string, now: string): string {
  const [before, after] = [then.split('.'), now.split('.')];
  if (before.length !== after.length) return `${before.length} shards, now ${after.length}`;
  return `shard ${1 + before.findIndex((mark, i) => mark !== after[i])} of ${before.length} has another content`;
}

/** Runs of before wrote the digest of the members' names, or of the number of shards, and nothing else. */
const isOldForm = (identity: string): boolean => /^[0-9a-f]{16}$/.test(identity);

function oldForm(identity: string): string | undefined {
  const parts = partsOf(identity);
  const shards = parts.get('shards') ?? parts.get('shards by time');
  return shards === undefined ? parts.get('members') : digest([String(shards.split('.').length)]);
}

const SAID: Readonly<Record<string, string>> = {
  members: 'there are other images, or under other names',
  captions: 'captions differ',
  pixels: 'images have another content under the same names',
  columns: 'other columns of the tables are read',
  'held-out': 'the images that are held out differ',
};

/**
 * In what two data sets differ, or undefined where they are the same.
 * @param then what {@link identifySource} has given before
 * @example
 * const photos = await imageFolder('photos');
 * console.log(describeDifference(await identifySource(photos), await identifySource(photos))); // undefined
 */
export function describeDifference(then: string, now: string): string | undefined {
  if (isOldForm(then)) return then === oldForm(now) ? undefined : SAID['members'];
  const [before, after] = [partsOf(then), partsOf(now)];
  for (const [part, value] of before) {
    const other = after.get(part);
    if (other === value) continue;
    const [kind = '', ...how] = part.split(' ');
    const timed = how.length > 0 ? ' (by size and time of change: copy files with their times, cp -p)' : '';
    if (other === undefined) return 'it is another kind or size of data set';
    return kind === 'shards' ? shardDifference(value, other) + timed : `${SAID[kind] ?? kind}${timed}`;
  }
  return undefined;
}
