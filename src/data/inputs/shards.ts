import { basename } from 'node:path';
import { badRead, messageOf } from '../samples/badRead.ts';
import { parquet } from '../sources/parquet/parquet.ts';
import { webdataset } from '../sources/webdataset/webdataset.ts';
import type { InputRead } from './input.ts';
import { fileStamp } from './stamp.ts';

const TAR = /\.(tar|tar\.gz|tgz)$/i;
const PARQUET = /\.parquet$/i;

/** Whether a file holds many images, by the ending of its name. */
export const isShard = (path: string): boolean => TAR.test(path) || PARQUET.test(path);

/** What a sample of a shard is called: the shard's path and the sample's key; a fault of the shard bears its path. */
function nameIn(path: string, key: string): string {
  const name = basename(path);
  if (key === name) return path;
  // Rows without a key are numbered.
  return `${path}#${key.startsWith(`${name}:`) ? key.slice(name.length + 1) : key}`;
}

/**
 * The images of a shard, whatever is said about them. One that can't be opened is one bad input.
 * @param imageColumn of a parquet file, where it goes by another name than usual
 */
export async function* readShard(path: string, imageColumn?: string): AsyncGenerator<InputRead> {
  const columns = imageColumn === undefined ? {} : { image: imageColumn };
  const options = { keepUncaptioned: true };
  try {
    const stamp = await fileStamp(path);
    const shard = PARQUET.test(path)
      ? await parquet(path, { ...options, columns })
      : await webdataset(path, options);
    for await (const { sample, bad, next } of shard.open(0, 0)) {
      const name = nameIn(path, (bad ?? sample).key);
      // Keys may come twice; no two samples end at one place.
      yield bad
        ? { bad: { ...bad, key: name } }
        : { input: { name, image: sample.image, stamp: `${stamp}@${next}` } };
    }
  } catch (error) {
    yield { bad: badRead(path, path, 'unreadable', messageOf(error).replace(`${path}: `, '')).bad! };
  }
}
