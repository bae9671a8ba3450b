import { parquet } from '../parquet/parquet.ts';
import type { SourceKind } from './kind.ts';

/** Tables with a column of images. */
export const tables: SourceKind = {
  name: 'tables',
  description: '.parquet files',
  uses: ['columns'],
  takes: (path) => /\.parquet$/i.test(path),
  open: (paths, { annotations: _, ...options }) => parquet(paths, options),
};
