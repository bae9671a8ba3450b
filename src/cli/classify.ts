import type { Command } from 'commander';
import { z } from 'zod';
import { averagePrompts, labelPrompts, rankLabels } from '../encoder/classify.ts';
import type { Templates } from '../encoder.ts';
import { PROMPT_TEMPLATES } from '../input/text/prompts.ts';
import { UsageError } from './errors.ts';
import { expandImages, readLines } from './inputs.ts';
import { type CliIo, printJson } from './io.ts';
import { embedInGroups, GROUP, inGroups, withEncoder } from './model.ts';
import { examples, modelSchema, parseOptions, positiveInteger, withEngine, withJson } from './options.ts';
import { printScores } from './scores.ts';

const schema = modelSchema.extend({
  labels: z.string().optional(),
  labelsFile: z.string().optional(),
  templates: z.string().optional(),
  top: positiveInteger.optional(),
  json: z.boolean().default(false),
});

const isTemplatesName = (name: string): name is keyof typeof PROMPT_TEMPLATES =>
  Object.hasOwn(PROMPT_TEMPLATES, name);

/** A named set of templates, or those of a file. */
async function readTemplates(nameOrFile: string | undefined, io: CliIo): Promise<Templates | undefined> {
  if (nameOrFile === undefined || isTemplatesName(nameOrFile)) return nameOrFile;
  const lines = await readLines(nameOrFile, io).catch((cause: unknown) => {
    const names = Object.keys(PROMPT_TEMPLATES).join(', ');
    throw new UsageError(`--templates is ${JSON.stringify(nameOrFile)}: no such file, and none of ${names}`, {
      cause,
    });
  });
  if (lines.length === 0) throw new UsageError(`--templates: ${nameOrFile} is empty`);
  return lines;
}

async function classify(files: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { labels: list, labelsFile, top, json } = options;
  const labels = [
    ...(list ?? '').split(',').map((label) => label.trim()),
    ...(labelsFile === undefined ? [] : await readLines(labelsFile, io)),
  ].filter((label) => label !== '');
  if (labels.length === 0) throw new UsageError('no labels: give --labels "a cat,un chien" or --labels-file');
  const templates = await readTemplates(options.templates, io);
  const images = await expandImages(files);
  await withEncoder(options, io, async (encoder) => {
    // A label is as many texts as there are templates; all labels are seen at once, so that none becomes another.
    const prompts = labelPrompts(labels, templates ?? encoder.templates);
    const size = Math.max(1, Math.floor(GROUP.text / prompts[0]!.length));
    const classes = await embedInGroups(io, 'labels', prompts, size, encoder.width, async (group) =>
      averagePrompts(await encoder.embedTexts(group.flat()), group.length),
    );
    await inGroups(io, 'images', images, GROUP.image, async (group) => {
      const ranked = rankLabels(await encoder.embedImages(group), labels, classes, encoder.logitScalars);
      return () => {
        for (const [i, scores] of ranked.entries()) {
          const best = scores.slice(0, top);
          if (json) printJson(io, { image: group[i], labels: best });
          else printScores(io, group[i]!, best);
        }
      };
    });
  });
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('classify')
    .summary('labels of images, without training')
    .description(
      'Zero-shot classification: the probability of each label for each image, best first. Labels are judged one by one.',
    )
    .argument('<images...>', 'image files, directories or globs')
    .option('-l, --labels <list>', 'labels, separated by commas')
    .option('--labels-file <file>', 'labels, one a line; - for standard input')
    .option(
      '--templates <name|file>',
      `${Object.keys(PROMPT_TEMPLATES).join(', ')}, or a file with one template a line and {} for the label (default: what the model says, or clip_best; the embedded model and those made from it say {})`,
    )
    .option('--top <k>', 'print only the best k labels');
  withJson(withEngine(command), 'one JSON object an image: {"image", "labels": [{"label", "probability"}]}')
    .addHelpText(
      'after',
      examples(
        'siglip2 classify cat.jpg --labels "a cat,un chien,ein Auto"',
        'siglip2 classify photos/ --labels-file imagenet.txt --templates clip_paper --top 5 --json',
      ),
    )
    .action((files: string[], options: Record<string, unknown>) => classify(files, options, io));
}
