import type { Command } from 'commander';
import { z } from 'zod';
import type { ParquetColumns } from '../../data/sources/parquet/columns.ts';

/** What `--image-column` and `--caption-column` take; the usual names are found. */
export const columnFields = { imageColumn: z.string().optional(), captionColumn: z.string().optional() };

/** Adds --image-column. */
export const withImageColumn = (command: Command): Command =>
  command.option(
    '--image-column <name>',
    'of .parquet files: the column of images (default: image, jpg, png, img, …)',
  );

/** Adds the options of {@link columnFields}. */
export const withColumns = (command: Command): Command =>
  withImageColumn(command).option(
    '--caption-column <name>',
    '… and of captions (default: caption, text, label, …)',
  );

/** The columns that options name. */
export const columnsOf = (options: {
  readonly imageColumn?: string | undefined;
  readonly captionColumn?: string | undefined;
}): Partial<ParquetColumns> => ({ image: options.imageColumn, caption: options.captionColumn });
