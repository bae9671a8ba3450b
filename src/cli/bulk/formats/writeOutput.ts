import { rm } from 'node:fs/promises';
import { extensionOf } from '../../../input/image/decode/imageFormat.ts';
import { UsageError } from '../../support/errors.ts';
import { writeCsv } from './csv.ts';
import { writeJsonl } from './jsonl.ts';
import { namesBeside, writeNpyMatrix, writeSafetensorsMatrix } from './matrix.ts';
import type { OutputForm, Results } from './outputForm.ts';
import { writeParquet } from './parquet.ts';

/** Formats by the endings of file names. The first two hold one array of numbers. */
export const OUTPUT_FORMATS = ['safetensors', 'npy', 'parquet', 'jsonl', 'csv'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Formats of tables, for results that are no rows of numbers. */
export const TABLE_FORMATS = ['parquet', 'jsonl', 'csv'] as const satisfies readonly OutputFormat[];

const listed = (formats: readonly OutputFormat[]): string =>
  formats
    .map((format) => `.${format}`)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' or ');

/** What `--output` takes, for help texts. */
export const outputHelp = (formats: readonly OutputFormat[] = OUTPUT_FORMATS): string =>
  `write a file: its ending ${listed(formats)} decides the format; the same command continues one that was stopped`;

/**
 * The format that a file's name asks for.
 * @param allowed those that can hold the results
 * @throws UsageError with the list of formats
 */
export function outputFormatOf(
  path: string,
  allowed: readonly OutputFormat[] = OUTPUT_FORMATS,
): OutputFormat {
  const ending = extensionOf(path);
  const format = allowed.find((one) => one === ending);
  if (format) return format;
  const known = OUTPUT_FORMATS.some((one) => one === ending);
  const fault = known
    ? `.${ending} holds one array of numbers, which these results are not`
    : `unknown format`;
  throw new UsageError(
    `--output is ${JSON.stringify(path)}: ${fault}; give a name that ends in ${listed(allowed)}`,
  );
}

/**
 * Writes results as a file, whole or not at all.
 * @returns the files that were written
 */
export async function writeOutput<Value>(
  path: string,
  format: OutputFormat,
  form: OutputForm<Value>,
  results: Results<Value>,
): Promise<string[]> {
  if (format === 'parquet') await writeParquet(path, form, results);
  else if (format === 'jsonl') await writeJsonl(path, form, results);
  else if (format === 'csv') await writeCsv(path, form, results);
  else {
    const { matrix } = form;
    if (!matrix) throw new Error(`${path}: these results are no array of numbers`);
    if (format === 'safetensors') await writeSafetensorsMatrix(path, matrix, results);
    else {
      // Names of an older array beside the new one would be wrong.
      await rm(path, { force: true });
      await writeNpyMatrix(path, matrix, results);
      return [path, namesBeside(path)];
    }
  }
  return [path];
}
