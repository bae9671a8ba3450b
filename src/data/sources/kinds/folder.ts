import { existsSync, statSync } from 'node:fs';
import { coco } from '../coco/coco.ts';
import { imageFolder } from '../folder/imageFolder.ts';
import { openDescribed } from './described.ts';
import type { SourceKind } from './kind.ts';

/** A folder of images, or one whose images COCO files describe. */
export const folder: SourceKind = {
  name: 'folder',
  description:
    'a folder of images (captions.csv, metadata.jsonl, a .txt beside each image, or sub-folders that name what is in them)',
  uses: ['annotations'],
  takes: (path) => existsSync(path) && statSync(path).isDirectory(),
  async open([path = '', ...others], { annotations = [], columns: _, ...options }) {
    if (others.length > 0) throw new RangeError(`${others[0]}: a second folder; give one`);
    if (annotations.length > 0) return coco({ ...options, images: path, annotations });
    return openDescribed((own) => imageFolder(path, own), path, options);
  },
};
