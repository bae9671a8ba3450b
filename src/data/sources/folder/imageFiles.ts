import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CAPTION_FILES } from '../captionFiles.ts';
import { type IndexEntry, indexedSource } from '../indexed.ts';
import type { IndexedSource } from '../source.ts';
import { textBeside } from './folderImages.ts';
import { checkFolderOptions, type ImageFolderOptions, readCaptionFiles, readImage } from './imageFolder.ts';

/**
 * Chosen images with what is said about them, as {@link imageFolder} reads it: caption files in their folders, else a
 * `.txt` beside each, else the folder's name where `folderLabels` says so.
 * @throws Error when a caption file is no text; RangeError naming the option that is none
 * @example
 * const pictures = await imageFiles(['a.jpg', 'b.png']);
 */
export async function imageFiles(
  paths: readonly string[],
  options: ImageFolderOptions = {},
): Promise<IndexedSource> {
  checkFolderOptions('imageFiles', options);
  const name = options.name ?? 'list';
  const whole = paths.map((path) => resolve(path).replaceAll('\\', '/'));
  const folders = [...new Set(whole.map((path) => dirname(path)))];
  const captionFiles = folders.flatMap((folder) => [...CAPTION_FILES].map((file) => join(folder, file)));
  const { said, bad } = await readCaptionFiles('', captionFiles.filter(existsSync), name, options.language);
  const texts = new Set(whole.map(textBeside).filter(existsSync));
  const entries = whole.map(
    (path, i): IndexEntry => ({
      read: () => readImage({ root: '', path, key: paths[i]!, name, options, said: said.get(path), texts }),
    }),
  );
  return indexedSource(name, [...entries, ...bad]);
}
