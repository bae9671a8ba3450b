import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Encoder } from '../encoder/encoder.ts';
import type { Recall } from '../evaluate/metrics/recall.ts';
import { type CliIo, note, print, printJson } from './support/io.ts';
import { withEncoder } from './support/model.ts';
import { examples, modelSchema, parseOptions, withEngine, withJson } from './support/options.ts';
import { progressBar } from './support/progress.ts';

const schema = modelSchema.extend({
  set: z.array(z.string()).optional(),
  locales: z.string().optional(),
  json: z.boolean().default(false),
});

const recallSchema = z.looseObject({
  queries: z.number(),
  at1: z.number(),
  at5: z.number(),
  at10: z.number(),
});
const localeSchema = z.object({ locale: z.string(), textToImage: recallSchema, imageToText: recallSchema });
/** What an evaluation of one set is, in the order in which it is printed. */
const resultSchema = z.object({
  set: z.string(),
  description: z.string(),
  candidates: z.number(),
  locales: z.array(localeSchema),
  textToImage: recallSchema,
  imageToText: recallSchema,
  chance: recallSchema,
});
type SetResult = z.infer<typeof resultSchema>;

interface EvaluationOptions {
  readonly sets?: readonly string[];
  readonly locales?: readonly string[];
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

/** The part of the emoji data that this command calls. */
interface EmojiRetrieval {
  /** Throws an error that says what to install if a package of the data is absent. */
  check(): void;
  run(encoder: Encoder, options: EvaluationOptions): Promise<unknown>;
}

const isEmojiRetrieval = (value: unknown): value is EmojiRetrieval =>
  typeof value === 'object' && value !== null && 'check' in value && 'run' in value;

const moduleSchema = z.object({ emojiRetrieval: z.custom<EmojiRetrieval>(isEmojiRetrieval) });

/** The emoji data uses this package and is no part of it: it lies beside `src` in a checkout. */
async function loadEmojiRetrieval(): Promise<EmojiRetrieval> {
  const file = new URL('../../datasets/emoji/evaluators/emojiRetrieval.ts', import.meta.url);
  if (!import.meta.url.endsWith('.ts') || !existsSync(file))
    throw new Error(
      'the emoji data is no part of the installed package: clone the repository, run npm install there, and then npx siglip2 evaluate',
    );
  return moduleSchema.parse(await import(/* @vite-ignore */ file.href)).emojiRetrieval;
}

const percents = ({ at1, at5, at10 }: Recall): string =>
  [at1, at5, at10].map((value) => (100 * value).toFixed(1).padStart(6)).join(' ');

const row = (name: string, textToImage: Recall, imageToText: Recall): string =>
  `  ${name.padEnd(10)} ${percents(textToImage)}   ${percents(imageToText)}`;

function printResult(io: CliIo, result: SetResult, perLocale: boolean): void {
  print(io, `${result.set}: ${result.candidates} pictures, ${result.locales.length} locales`);
  print(io, `  ${result.description}`);
  print(io, `  recall, %   text → image           image → text`);
  print(io, `  ${''.padEnd(10)} ${'     1      5     10'}   ${'     1      5     10'}`);
  if (perLocale)
    for (const { locale, textToImage, imageToText } of result.locales)
      print(io, row(locale, textToImage, imageToText));
  print(io, row('mean', result.textToImage, result.imageToText));
  print(io, row('chance', result.chance, result.chance));
  print(io, '');
}

async function evaluate(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const locales = options.locales === 'all' ? undefined : options.locales?.split(',').map((id) => id.trim());
  // Before a model is fetched for nothing.
  const retrieval = await loadEmojiRetrieval();
  retrieval.check();
  const line = progressBar(io, 'evaluate');
  const results = await withEncoder(options, io, async (encoder) => {
    note(io, 'reading names, rasterising drawings (cached after the first time)');
    return z
      .array(resultSchema)
      .parse(await retrieval.run(encoder, { sets: options.set, locales, onProgress: line.update }));
  }).finally(line.end);
  for (const result of results) {
    if (options.json) printJson(io, result);
    else printResult(io, result, options.locales !== undefined);
  }
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('evaluate')
    .summary('retrieval on the emoji data')
    .description(
      'Recall@1, 5 and 10 between emoji drawings and their names, on seen and held-out concepts, drawing styles and locales, beside chance. The data lies in the repository of this package (datasets/emoji), so this runs in a checkout; drawings and names come from its development dependencies.',
    )
    .option('--set <names...>', 'evaluation sets, or beginnings of their names (default: all)')
    .option(
      '--locales <list>',
      'locales separated by commas, or all; prints a row for each (default: means of all)',
    );
  withJson(withEngine(command), 'one JSON object a set, with every locale')
    .addHelpText(
      'after',
      examples('siglip2 evaluate', 'siglip2 evaluate --set held-out-concepts --locales en,fr,ja --json'),
    )
    .action((options: Record<string, unknown>) => evaluate(options, io));
}
