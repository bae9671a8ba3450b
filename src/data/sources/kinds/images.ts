import { formatOfName } from '../../../input/image/decode/imageFormat.ts';
import { imageFiles } from '../folder/imageFiles.ts';
import { openDescribed } from './described.ts';
import type { SourceKind } from './kind.ts';

/** Images by their paths. */
export const images: SourceKind = {
  name: 'images',
  description: 'images',
  takes: (path) => formatOfName(path) !== undefined,
  open: (paths, { annotations: _, columns: __, ...options }) =>
    openDescribed((own) => imageFiles(paths, own), `${paths[0]}, …`, options),
};
