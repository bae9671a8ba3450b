import { listOf, optional, settings, text } from '../../../tensor/settings.ts';
import { columnsRule, type ParquetColumns } from '../parquet/columns.ts';
import { type Source, type SourceOptions, sourceRules } from '../source.ts';

/** What a kind of data set is opened with. */
export interface OpenOptions extends SourceOptions {
  /** Columns of tables, where they go by other names than usual. */
  readonly columns?: Partial<ParquetColumns>;
  /** COCO files that describe the images of a folder. */
  readonly annotations?: readonly string[];
}

export const openSchema = settings<OpenOptions>({
  ...sourceRules,
  columns: columnsRule,
  annotations: optional(listOf(text)),
});

/**
 * A kind of data set that `--data` may name, found by what its paths are.
 * @example
 * const listed: SourceKind = {
 *   name: 'listed',
 *   description: 'a .list file with the path of an image and its caption on each line',
 *   takes: (path) => path.endsWith('.list'),
 *   open: (paths, options) => openListed(paths, options),
 * };
 */
export interface SourceKind {
  readonly name: string;
  /** What people are told that `--data` takes, as in "images" or ".parquet files". */
  readonly description: string;
  /** Which of the options beside those of every source are of use. Default: none. */
  readonly uses?: readonly ('columns' | 'annotations')[];
  /** Whether a path is of this kind, by its name or by what lies there. */
  takes(path: string): boolean;
  /**
   * @param paths at least one, all of this kind
   * @throws Error naming what cannot be read, and the remedy
   */
  open(paths: readonly string[], options: OpenOptions): Promise<Source>;
}
