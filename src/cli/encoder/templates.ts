import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Templates } from '../../encoder/classify.ts';
import { PROMPT_TEMPLATES } from '../../input/text/prompts.ts';
import { UsageError } from '../support/errors.ts';
import { readLines } from '../support/inputs.ts';
import type { CliIo } from '../support/io.ts';

const isTemplatesName = (name: string): name is keyof typeof PROMPT_TEMPLATES =>
  Object.hasOwn(PROMPT_TEMPLATES, name);

/** A named set of templates, or those of a file. */
export async function readTemplates(
  nameOrFile: string | undefined,
  io: CliIo,
): Promise<Templates | undefined> {
  if (nameOrFile === undefined || isTemplatesName(nameOrFile)) return nameOrFile;
  if (nameOrFile !== '-' && !existsSync(nameOrFile)) {
    const names = Object.keys(PROMPT_TEMPLATES).join(', ');
    throw new UsageError(`--templates is ${JSON.stringify(nameOrFile)}: no such file, and none of ${names}`);
  }
  const lines = await readLines(nameOrFile, io);
  if (lines.length === 0) throw new UsageError(`--templates: ${nameOrFile} is empty`);
  return lines;
}

/** Adds --templates, which {@link readTemplates} reads. */
export const withTemplatesOption = (command: Command): Command =>
  command.option(
    '--templates <name|file>',
    `${Object.keys(PROMPT_TEMPLATES).join(', ')}, or a file with one template a line and {} for the label (default: what the model says, or clip_best; the embedded model and those made from it say {})`,
  );
