import { webdataset } from '../webdataset/webdataset.ts';
import type { SourceKind } from './kind.ts';

/** Shards of WebDataset's form. */
export const shards: SourceKind = {
  name: 'shards',
  description: '.tar shards',
  takes: (path) => /\.(tar|tar\.gz|tgz)$/i.test(path),
  open: (paths, { annotations: _, columns: __, ...options }) => webdataset(paths, options),
};
