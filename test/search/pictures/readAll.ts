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
