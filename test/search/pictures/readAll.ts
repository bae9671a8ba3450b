import { pictureReader } from '../../../src/search/pictures/pictureReader.ts';
import type { PictureOptions, ReadOptions, ReadPicture } from '../../../src/search/pictures/pictures.ts';

/** The pictures of a file, by the reader of its ending. */
export async function readAll(
  path: string,
  read: ReadOptions,
  options?: PictureOptions,
): Promise<ReadPicture[]> {
  const reader = pictureReader(path, options);
  if (!reader) throw new Error(`${path}: nothing reads it`);
  const pictures: ReadPicture[] = [];
  for await (const picture of reader.read(path, read)) pictures.push(picture);
  return pictures;
}

/** What of a file can't be read, as its reader says in the end. */
export async function missingOf(
  path: string,
  read: ReadOptions,
  options?: PictureOptions,
): Promise<string | undefined> {
  const reading = pictureReader(path, options)!.read(path, read);
  for (;;) {
    const { done, value } = await reading.next();
    if (done) return value;
  }
}
