import { basename } from 'node:path';
import { parquet } from '../sources/parquet.ts';
import { badRead, messageOf } from '../sources/read.ts';
import { webdataset } from '../sources/webdataset.ts';
import type { InputRead } from './input.ts';
import { fileStamp } from './stamp.ts';

const TAR = /\.(tar|tar\.gz|tgz)$/i;
const PARQUET = /\.parquet$/i;

/** Whether a file holds many images, by the ending of its name. */
export const isShard = (path: string): boolean => TAR.test(path) || PARQUET.test(path);

/** The images of a shard, whatever is said about them. One that can't be opened is one bad input. */
export async function* readShard(path: string): AsyncGenerator<InputRead> {
  const open = PARQUET.test(path) ? parquet : webdataset;
  try {
    const stamp = await fileStamp(path);
    const shard = await open(path, { keepUncaptioned: true });
    for await (const { sample, bad, next } of shard.open(0, 0)) {
      // A fault of the shard itself bears its name.
      if (bad) yield { bad: { ...bad, key: bad.key === basename(path) ? path : `${path}#${bad.key}` } };
      // Keys may come twice; no two samples end at one place.
      else yield { input: { name: `${path}#${sample.key}`, image: sample.image, stamp: `${stamp}@${next}` } };
    }
  } catch (error) {
    yield { bad: badRead(path, path, 'unreadable', messageOf(error).replace(`${path}: `, '')).bad! };
  }
}
