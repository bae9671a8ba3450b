import type { Command } from 'commander';
import { z } from 'zod';
import { trimModel } from '../../checkpoint/trimModel.ts';
import { readLines } from '../support/inputs.ts';
import { type CliIo, print, printJson } from '../support/io.ts';
import { withModelDirectory } from '../support/model.ts';
import {
  examples,
  modelSchema,
  parseOptions,
  positiveInteger,
  withJson,
  withModel,
} from '../support/options.ts';
import { formatBytes, type Progress, progressBar } from '../support/progress.ts';

const schema = modelSchema.pick({ model: true, offline: true }).extend({
  corpus: z.array(z.string()),
  output: z.string(),
  maxPieces: positiveInteger.optional(),
  dtype: z.enum(['float32', 'float16', 'bfloat16']).optional(),
  json: z.boolean().default(false),
});

/** Texts that show on a bar how many of them have been read. */
function shown(texts: readonly string[], { update }: Progress): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      for (const [i, text] of texts.entries()) {
        update(i + 1, texts.length);
        yield text;
      }
    },
  };
}

async function trim(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { corpus, output, maxPieces, dtype, json } = options;
  const texts: string[] = [];
  for (const file of corpus) for (const line of await readLines(file, io)) texts.push(line);
  if (texts.length === 0) throw new Error(`${corpus.join(', ')}: no texts; give one text a line`);
  const line = progressBar(io, 'texts');
  const report = await withModelDirectory(options, io, (model) =>
    trimModel(model, shown(texts, line), output, { maxPieces, dtype }),
  ).finally(line.end);
  if (json) return printJson(io, { output, texts: texts.length, ...report });
  const { pieces, bytes } = report;
  print(io, `vocabulary  ${pieces.before} → ${pieces.after} pieces, for ${texts.length} texts`);
  print(io, `weights     ${formatBytes(bytes.before)} → ${formatBytes(bytes.after)}`);
  print(io, `written to  ${output}`);
}

export function register(program: Command, io: CliIo): void {
  const command = withModel(
    program
      .command('trim')
      .summary('shrink a model to the vocabulary of your texts')
      .description(
        'Keeps only the vocabulary that a corpus needs. Texts of the corpus get the same embeddings as before; any other text still works, cut into smaller pieces.',
      ),
  )
    .requiredOption(
      '-c, --corpus <files...>',
      'texts as they will be embedded, one a line; - for standard input',
    )
    .requiredOption('-o, --output <dir>', 'folder of the new model')
    .option('--max-pieces <n>', 'keep at most n pieces: those that shorten the corpus most')
    .option(
      '--dtype <type>',
      'float32, float16 or bfloat16; refused where it cannot hold the weights (default: as stored)',
    )
    .option('--offline', 'use only what is on disk');
  withJson(command, 'the sizes as a JSON object')
    .addHelpText(
      'after',
      examples(
        'siglip2 trim --model google/siglip2-base-patch16-224 --corpus captions.en.txt captions.fr.txt --output small',
        'siglip2 trim --model small --corpus labels.txt --max-pieces 8000 --dtype float16 --output smaller',
      ),
    )
    .action((options: Record<string, unknown>) => trim(options, io));
}
