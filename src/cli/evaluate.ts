import type { Command } from 'commander';
import { z } from 'zod';
import { buildEmojiDataset } from '../data/emoji/dataset.ts';
import { basePackages, locatePackage } from '../data/emoji/packages.ts';
import { type EmojiSetResult, evaluateEmoji } from '../evaluate/emoji.ts';
import type { Recall } from '../evaluate/metrics/recall.ts';
import type { ModelConfig } from '../model/config.ts';
import { type CliIo, note, print, printJson } from './support/io.ts';
import { withEncoder } from './support/model.ts';
import { examples, modelSchema, parseOptions, withEngine, withJson } from './support/options.ts';
import { progressBar } from './support/progress.ts';

const schema = modelSchema.extend({
  set: z.array(z.string()).optional(),
  locales: z.string().optional(),
  json: z.boolean().default(false),
});

/** The split that `recipes/emoji.ts` holds out. */
const SPLIT_SEED = 0;
/** Pixels of a drawing for a NaFlex model, which takes any size. */
const NAFLEX_SIZE = 128;

const pictureSize = ({ vision }: ModelConfig): number =>
  vision.kind === 'fixed' ? vision.imageSize : NAFLEX_SIZE;

const percents = ({ at1, at5, at10 }: Recall): string =>
  [at1, at5, at10].map((value) => (100 * value).toFixed(1).padStart(6)).join(' ');

const row = (name: string, textToImage: Recall, imageToText: Recall): string =>
  `  ${name.padEnd(10)} ${percents(textToImage)}   ${percents(imageToText)}`;

function printResult(io: CliIo, result: EmojiSetResult, perLocale: boolean): void {
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
  basePackages.forEach(locatePackage);
  const line = progressBar(io, 'evaluate');
  const results = await withEncoder(options, io, async (encoder) => {
    note(io, 'reading names, rasterising drawings (cached after the first time)');
    const dataset = await buildEmojiDataset({ seed: SPLIT_SEED, size: pictureSize(encoder.config) });
    return evaluateEmoji(encoder, dataset, { sets: options.set, locales, onProgress: line.update });
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
      'Recall@1, 5 and 10 between emoji drawings and their names, on seen and held-out concepts, drawing styles and locales, beside chance. Drawings and names come from npm packages that are not installed with this one; where they are absent, the command that installs them is printed.',
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
