import type { Command } from 'commander';
import { z } from 'zod';
import type { LabelScore } from '../../encoder/classify.ts';
import { labelPrompts } from '../../encoder/classify.ts';
import { embedPrompts } from '../../encoder/comparison/embedPrompts.ts';
import { TABLE_FORMATS } from '../bulk/formats/writeOutput.ts';
import { identityOf } from '../bulk/identity.ts';
import { BULK_HELP, bulkFields, IMAGES, imagesOf, outputOf, withBulk } from '../bulk/options.ts';
import { UsageError } from '../support/errors.ts';
import { readLines } from '../support/inputs.ts';
import type { CliIo } from '../support/io.ts';
import { embedInGroups, GROUP, withEncoder } from '../support/model.ts';
import {
  examples,
  modelSchema,
  parseOptions,
  positiveInteger,
  withEngine,
  withJson,
} from '../support/options.ts';
import { bulkScores } from './bulkScores.ts';
import { readTemplates, withTemplatesOption } from './templates.ts';

const schema = modelSchema.extend({
  ...bulkFields,
  labels: z.string().optional(),
  labelsFile: z.string().optional(),
  templates: z.string().optional(),
  top: positiveInteger.optional(),
  json: z.boolean().default(false),
});

/** Labels with the probabilities of one image, best first. */
const rankedOf =
  (labels: readonly string[], top: number | undefined) =>
  (row: Float32Array): LabelScore[] =>
    labels
      .map((label, i) => ({ label, probability: row[i]! }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, top);

async function classify(files: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { labels: list, labelsFile, from, top, json, maxBad } = options;
  const output = outputOf(options.output, top === undefined ? undefined : TABLE_FORMATS);
  const labels = [
    ...(list ?? '').split(',').map((label) => label.trim()),
    ...(labelsFile === undefined ? [] : await readLines(labelsFile, io)),
  ].filter((label) => label !== '');
  if (labels.length === 0) throw new UsageError('no labels: give --labels "a cat,un chien" or --labels-file');
  if (files.length === 0 && from === undefined)
    throw new UsageError('nothing to classify: give images or --from');
  const own = await readTemplates(options.templates, io);
  const images = await imagesOf(files, options, io);
  const ranked = rankedOf(labels, top);
  await withEncoder(options, io, async (encoder, folder) => {
    // A label is as many texts as there are templates; all labels are seen at once, so that none becomes another.
    const templates = own ?? encoder.templates;
    const prompts = labelPrompts(labels, templates);
    const size = Math.max(1, Math.floor(GROUP.text / prompts[0]!.length));
    const classes = await embedInGroups(io, 'labels', prompts, size, encoder.width, (group) =>
      embedPrompts(encoder, group),
    );
    await bulkScores(io, encoder, images, classes, {
      output,
      json,
      maxBad,
      identity: await identityOf('classify', folder, encoder, { labels, templates }),
      form: {
        labels,
        labelColumn: 'label',
        shown: ranked,
        line: (image, best) => ({ image, labels: best }),
      },
      summary: (count) => `labels of ${count} images`,
      fields: { labels: labels.length },
    });
  });
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('classify')
    .summary('label images, without training')
    .description(
      'Zero-shot classification: the probability of each label for each image, best first. Labels are judged one by one.',
    )
    .argument('[images...]', `${IMAGES}; - for a list on standard input`)
    .option('-l, --labels <list>', 'labels, separated by commas')
    .option('--labels-file <file>', 'labels, one a line; - for standard input');
  withTemplatesOption(command).option('--top <k>', 'print only the best k labels');
  withJson(
    withEngine(withBulk(command)),
    'one JSON object an image: {"image", "labels": [{"label", "probability"}]}',
  )
    .addHelpText(
      'after',
      `${examples(
        'siglip2 classify cat.jpg --labels "a cat,un chien,ein Auto"',
        'siglip2 classify photos/ --labels-file imagenet.txt --templates clip_paper --top 5 --output labels.csv',
      )}\n${BULK_HELP}`,
    )
    .action((files: string[], options: Record<string, unknown>) => classify(files, options, io));
}
