import type { Command } from 'commander';
import { z } from 'zod';
import { matchProbabilities } from '../encoder/classify.ts';
import { UsageError } from './errors.ts';
import { expandImages, readLines } from './inputs.ts';
import { type CliIo, printJson } from './io.ts';
import { embedInGroups, GROUP, inGroups, withEncoder } from './model.ts';
import { examples, modelSchema, parseOptions, withEngine, withJson } from './options.ts';
import { printScores } from './scores.ts';

const schema = modelSchema.extend({
  image: z.array(z.string()).default([]),
  text: z.array(z.string()).default([]),
  textsFile: z.string().optional(),
  json: z.boolean().default(false),
});

async function score(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { image, text, textsFile, json } = options;
  const texts = [...text, ...(textsFile === undefined ? [] : await readLines(textsFile, io))];
  if (image.length === 0) throw new UsageError('nothing to score: give --image');
  if (texts.length === 0) throw new UsageError('nothing to score against: give --text or --texts-file');
  const images = await expandImages(image);
  await withEncoder(options, io, async (encoder) => {
    const table = await embedInGroups(io, 'texts', texts, GROUP.text, encoder.width, encoder.embedTexts);
    await inGroups(io, 'images', images, GROUP.image, async (group) => {
      const { data } = matchProbabilities(await encoder.embedImages(group), table, encoder.logitScalars);
      return () => {
        for (const [i, path] of group.entries()) {
          const scores = texts.map((label, j) => ({ label, probability: data[i * texts.length + j]! }));
          if (json) {
            const pairs = scores.map(({ label, probability }) => ({ text: label, probability }));
            printJson(io, { image: path, scores: pairs });
          } else printScores(io, path, scores);
        }
      };
    });
  });
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('score')
    .summary('probability that images and texts match')
    .description(
      'Probability that each image and each text match. Pairs are judged one by one: the numbers need not add up to 1.',
    )
    .option('-i, --image <images...>', 'image files, directories or globs')
    .option('-t, --text <texts...>', 'texts')
    .option('--texts-file <file>', 'texts, one a line; - for standard input');
  withJson(withEngine(command), 'one JSON object an image: {"image", "scores": [{"text", "probability"}]}')
    .addHelpText(
      'after',
      examples(
        'siglip2 score --image cat.jpg dog.jpg --text "a cat" "ein Hund"',
        'siglip2 score --image photos/ --texts-file captions.txt --json',
      ),
    )
    .action((options: Record<string, unknown>) => score(options, io));
}
