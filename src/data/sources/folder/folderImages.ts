import { basename } from 'node:path';
import { extensionsOf, formatOfName, RASTER_FORMATS } from '../../../input/image/decode/imageFormat.ts';
import { messageOf } from '../../samples/badRead.ts';
import { CAPTION_FILES } from '../captionFiles.ts';
import { type FolderListing, listFolder, type Skipped, skippedOf } from './listFolder.ts';

/** The pictures of a folder, and all that lies beside them. */
export interface FolderImages {
  /** Paths relative to the folder. No drawings: see {@link RASTER_FORMATS}. */
  readonly images: readonly string[];
  readonly listing: FolderListing;
  /** What says nothing about the images either. */
  readonly skipped: Skipped;
}

const isImage = (path: string): boolean => {
  const format = formatOfName(path);
  return format !== undefined && RASTER_FORMATS.includes(format);
};

/** `cat.txt` for `cat.jpg`. */
export const textBeside = (path: string): string => `${path.slice(0, path.lastIndexOf('.'))}.txt`;

/** That a folder has no pictures, with the endings of the names that are looked for. */
export const noImages = (root: string): Error =>
  new Error(`${root}: holds no image (${extensionsOf(RASTER_FORMATS).join(', ')}): check the path.`);

/** The pictures at and below a folder. @throws Error naming a folder that can't be read */
export async function folderImages(root: string): Promise<FolderImages> {
  const listing = await listFolder(root).catch((cause: unknown) => {
    throw new Error(`${root}: can't be read (${messageOf(cause)}): give a folder of images.`, { cause });
  });
  const images = listing.files.filter(isImage);
  const used = new Set([...images, ...images.map(textBeside)]);
  const skipped = skippedOf(listing, (path) => used.has(path) || CAPTION_FILES.has(basename(path)));
  return { images, listing, skipped };
}
