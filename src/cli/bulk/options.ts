import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import type { InputList } from '../../data/inputs/input.ts';
import { listInputs } from '../../data/inputs/listInputs.ts';
import { columnFields, withImageColumn } from '../support/columns.ts';
import { UsageError } from '../support/errors.ts';
import { readLines } from '../support/inputs.ts';
import type { CliIo } from '../support/io.ts';
import { maxBad } from '../support/options.ts';
import { type OutputFormat, outputFormatOf, outputHelp } from './formats/writeOutput.ts';
import type { Output } from './sinks.ts';

/** Options of every command that works through images. */
export const bulkFields = {
  from: z.string().optional(),
  imageColumn: columnFields.imageColumn,
  output: z.string().optional(),
  maxBad,
};

/** What image arguments may be, for help texts. */
export const IMAGES = 'image files, folders, globs, .tar shards (WebDataset) or .parquet files';

/** Adds the options of {@link bulkFields}. */
export const withBulk = (command: Command, formats?: readonly OutputFormat[]): Command =>
  withImageColumn(command)
    .option('--from <file>', 'paths of more images, one a line; - for standard input')
    .option('-o, --output <file>', outputHelp(formats))
    .option(
      '--max-bad <share>',
      'largest share of bad inputs with which the command succeeds (default: 0.1)',
    );

/** What every such command says of its end. */
export const BULK_HELP = `
Bad inputs are skipped, and counted by reason at the end; with --output, OUTPUT.bad.jsonl lists
them.
With --output, Ctrl-C or a crash loses nothing: results are kept in OUTPUT.part, and the same
command continues. With another model, other options or other texts it refuses to.
Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done but more bad inputs than --max-bad,
130 interrupted.`;

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // What else is in the way is said where the file is written.
    return false;
  }
}

/** The output that is asked for. @throws UsageError for a format that can't hold the results, or for a folder */
export function outputOf(path: string | undefined, formats?: readonly OutputFormat[]): Output | undefined {
  if (path === undefined) return undefined;
  const format = outputFormatOf(path, formats);
  // Said before the work, not when its results are to be put there.
  if (isFolder(path))
    throw new UsageError(`--output is ${JSON.stringify(path)}, which is a folder; name a file`);
  return { path, format };
}

/**
 * The images that a command names: as arguments, of which `-` is a list on standard input, and with --from.
 * @throws Error naming the argument that names nothing
 */
export async function imagesOf(
  patterns: readonly string[],
  { from, imageColumn }: { readonly from?: string | undefined; readonly imageColumn?: string | undefined },
  io: CliIo,
): Promise<InputList> {
  const files = [...(from === undefined ? [] : [from]), ...(patterns.includes('-') ? ['-'] : [])];
  const listed: string[] = [];
  for (const file of files) listed.push(...(await readLines(file, io)));
  return listInputs(
    patterns.filter((pattern) => pattern !== '-'),
    listed,
    { imageColumn },
  );
}
