import {
  extensionOf,
  formatOfName,
  HEIC_EXTENSIONS,
  RASTER_FORMATS,
} from '../../input/image/decode/imageFormat.ts';
import { PDF_EXTENSIONS, pdfReader } from './documents/pdfReader.ts';
import { heicReader, imageReader } from './images/imageReader.ts';
import type { PictureOptions, PictureReader } from './pictures.ts';
import { VIDEO_EXTENSIONS, videoReader } from './videos/videoReader.ts';

/**
 * What reads the pictures in a file, by the ending of its name; undefined for a file that has none, or none that the options
 * ask for. Drawings (SVG) are left out, as in every folder: a small one can keep a core busy for many seconds.
 * @throws Error saying what to install where the options ask for what this machine lacks
 */
export function pictureReader(path: string, options: PictureOptions = {}): PictureReader | undefined {
  const format = formatOfName(path);
  if (format !== undefined && RASTER_FORMATS.includes(format)) return imageReader;
  const extension = extensionOf(path);
  if (HEIC_EXTENSIONS.includes(extension)) return heicReader();
  if (options.pages !== false && PDF_EXTENSIONS.includes(extension)) return pdfReader;
  if (options.frames && VIDEO_EXTENSIONS.includes(extension)) return videoReader(options.frames.everySeconds);
  return undefined;
}
