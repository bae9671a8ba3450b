import { fileBytes, textLines } from '../../input/text/textFile.ts';
import { UsageError } from './errors.ts';
import type { CliIo } from './io.ts';

/** Standard inputs that were read: there is nothing left in them. */
const read = new WeakSet<CliIo['stdin']>();

function standardInput({ stdin }: CliIo): CliIo['stdin'] {
  if (read.has(stdin)) throw new UsageError('standard input is named twice; it can be read once');
  read.add(stdin);
  return stdin;
}

/**
 * The lines of a text file, or of standard input for `-`; empty lines are left out.
 * @throws Error when the file cannot be read, or names the line that is no text; UsageError when standard input was read
 */
export async function readLines(path: string, io: CliIo): Promise<string[]> {
  const [chunks, name] = path === '-' ? [standardInput(io), 'standard input'] : [fileBytes(path), path];
  const lines: string[] = [];
  for await (const line of textLines(chunks, name)) if (line.trim() !== '') lines.push(line);
  return lines;
}
