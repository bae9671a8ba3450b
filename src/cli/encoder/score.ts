import type { Command } from 'commander';
import { z } from 'zod';
import type { LabelScore } from '../../encoder/classify.ts';
import { identityOf } from '../bulk/identity.ts';
import { BULK_HELP, bulkFields, IMAGES, imagesOf, outputOf, withBulk } from '../bulk/options.ts';
import { UsageError } from '../support/errors.ts';
import { readLines } from '../support/inputs.ts';
import type { CliIo } from '../support/io.ts';
import { embedInGroups, GROUP, withEncoder } from '../support/model.ts';
import { examples, modelSchema, parseOptions, withEngine, withJson } from '../support/options.ts';
import { bulkScores } from './bulkScores.ts';

const schema = modelSchema.extend({
  ...bulkFields,
  image: z.array(z.string()).default([]),
  text: z.array(z.string()).default([]),
  textsFile: z.string().optional(),
  json: z.boolean().default(false),
});

/** The probabilities of one image, in the order of the texts. */
const shownOf =
  (texts: readonly string[]) =>
  (row: Float32Array): LabelScore[] =>
    texts.map((label, i) => ({ label, probability: row[i]! }));

async function score(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { image, from, text, textsFile, json, maxBad } = options;
  const output = outputOf(options.output);
  const texts = [...text, ...(textsFile === undefined ? [] : await readLines(textsFile, io))];
  if (image.length === 0 && from === undefined)
    throw new UsageError('nothing to score: give --image or --from');
  if (texts.length === 0) throw new UsageError('nothing to score against: give --text or --texts-file');
  const images = await imagesOf(image, options, io);
  const shown = shownOf(texts);
  await withEncoder(options, io, async (encoder, folder) => {
    const table = await embedInGroups(io, 'texts', texts, GROUP.text, encoder.width, encoder.embedTexts);
    await bulkScores(io, encoder, images, table, {
      output,
      json,
      maxBad,
      identity: await identityOf('score', folder, encoder, { texts }),
      form: {
        labels: texts,
        labelColumn: 'text',
        shown,
        line: (path, pairs) => ({
          image: path,
          scores: pairs.map(({ label, probability }) => ({ text: label, probability })),
        }),
      },
      summary: (count) => `scores of ${count} images and ${texts.length} texts`,
      fields: { texts: texts.length },
    });
  });
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('score')
    .summary('give the probability that images and texts match')
    .description(
      'Gives the probability that an image and a text match, for each pair. Pairs are judged one by one: the numbers need not add up to 1.',
    )
    .option('-i, --image <images...>', `${IMAGES}; - for a list on standard input`)
    .option('-t, --text <texts...>', 'texts')
    .option('--texts-file <file>', 'texts, one a line; - for standard input');
  withJson(
    withEngine(withBulk(command)),
    'one JSON object an image: {"image", "scores": [{"text", "probability"}]}',
  )
    .addHelpText(
      'after',
      `${examples(
        'siglip2 score --image cat.jpg dog.jpg --text "a cat" "ein Hund"',
        'siglip2 score --image photos/ --texts-file captions.txt --output scores.parquet',
      )}\n${BULK_HELP}`,
    )
    .action((options: Record<string, unknown>) => score(options, io));
}
