import type { Command } from 'commander';
import { z } from 'zod';
import { codeOf } from '../../checkpoint/files/errorCode.ts';
import type { Input } from '../../data/inputs/input.ts';
import { matchProbabilities } from '../../encoder/classify.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { type PatchScores, patchScores } from '../../encoder/patchScores.ts';
import { NotFiniteError } from '../../encoder/towers/finiteOutputs.ts';
import type { Box } from '../../input/image/box.ts';
import { toImage } from '../../input/image/imageSource.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import { drawHeatmap } from '../../search/regions/drawHeatmap.ts';
import { regionsOf } from '../../search/regions/findRegion.ts';
import { cosinesOf, heatRange } from '../../search/regions/heat.ts';
import { type BulkSettings, bulk } from '../bulk/bulk.ts';
import { badInput, imagePart, tryTogether } from '../bulk/imagePart.ts';
import { bulkFields, IMAGES, imagesOf } from '../bulk/options.ts';
import type { Outcome } from '../bulk/results.ts';
import { formatProbability } from '../encoder/scores.ts';
import { withImageColumn } from '../support/columns.ts';
import { UsageError } from '../support/errors.ts';
import { readLines } from '../support/inputs.ts';
import { type CliIo, print, visible } from '../support/io.ts';
import { embedInGroups, GROUP, withEncoder } from '../support/model.ts';
import {
  examples,
  finiteNumber,
  modelSchema,
  nonNegativeInteger,
  parseOptions,
  withEngine,
  withJson,
} from '../support/options.ts';
import { assertOther, type FileOf, filesFor } from './regions/heatmapFiles.ts';

const schema = modelSchema.extend({
  ...bulkFields,
  text: z.array(z.string()).default([]),
  textsFile: z.string().optional(),
  box: z.boolean().default(false),
  windows: nonNegativeInteger.optional(),
  least: finiteNumber.optional(),
  most: finiteNumber.optional(),
  json: z.boolean().default(false),
});
type Options = z.output<typeof schema>;

/** What is known of a picture and a text. */
interface Heat {
  readonly text: string;
  /** That the whole picture and the text match. */
  readonly probability: number;
  /** The least and the most cosine of its patches. */
  readonly least: number;
  readonly most: number;
  readonly rows: number;
  readonly columns: number;
  readonly area: Box;
  /** Cosines, [rows][columns]. */
  readonly values: readonly (readonly number[])[];
  /** The best part, and its cosine. */
  readonly box?: Box;
  readonly score?: number;
  readonly output?: string;
}

function valuesOf(scores: PatchScores, query: number): number[][] {
  const { rows, columns } = scores;
  const cosines = Array.from(cosinesOf(scores, query), (cosine) => Number(cosine.toFixed(5)));
  return Array.from({ length: rows }, (_, row) => cosines.slice(row * columns, (row + 1) * columns));
}

interface Work {
  readonly encoder: Encoder;
  readonly texts: readonly string[];
  readonly queries: Embeddings;
  readonly options: Options;
  readonly fileOf: FileOf | undefined;
}

/** Draws what is asked for, and tells of a picture and each text. */
async function heatsOf(input: Input, image: RgbImage, scores: PatchScores, work: Work): Promise<Heat[]> {
  const { encoder, texts, queries, options, fileOf } = work;
  const { box: wantsBox, json, windows, least, most } = options;
  const { data } = matchProbabilities(await encoder.embedImages([image]), queries, encoder.logitScalars);
  const regions = wantsBox || json ? await regionsOf(encoder, image, queries, scores, { windows }) : [];
  const { rows, columns, area } = scores;
  const heats: Heat[] = [];
  for (const [query, text] of texts.entries()) {
    const region = regions[query];
    const output = fileOf?.(input.name, query);
    if (output !== undefined) {
      assertOther(input.image, output);
      const boxes = wantsBox && region ? [region.box] : [];
      await drawHeatmap(input.image, scores, output, { query, least, most, boxes });
    }
    heats.push({
      ...{ text, probability: data[query]!, ...heatRange(scores, query), rows, columns, area },
      values: valuesOf(scores, query),
      ...region,
      ...(output !== undefined && { output }),
    });
  }
  return heats;
}

async function outcomeOf(input: Input, work: Work): Promise<Outcome<Heat[]>> {
  const { encoder, queries } = work;
  let image: RgbImage;
  let scores: PatchScores;
  try {
    image = await toImage(input.image, encoder.decode);
    scores = await patchScores(encoder, image, queries);
  } catch (error) {
    if (error instanceof NotFiniteError) throw error;
    return { bad: badInput(input, error) };
  }
  try {
    return { value: await heatsOf(input, image, scores, work) };
  } catch (error) {
    // A matter of this picture's name alone; where nothing can be written, the others need not be tried.
    if (codeOf(error instanceof Error && error.cause ? error.cause : error) === 'ENAMETOOLONG')
      return { bad: badInput(input, error) };
    throw error;
  }
}

function printHeats(io: CliIo, name: string, heats: readonly Heat[]): void {
  print(io, visible(name));
  for (const { text, probability, least, most, box, score, output } of heats) {
    const file = output === undefined ? '' : `  ${visible(output)}`;
    print(io, `  ${formatProbability(probability).padStart(9)}  ${text}${file}`);
    print(io, `             cosines of places: ${least.toFixed(3)} (dark) to ${most.toFixed(3)} (bright)`);
    if (!box) continue;
    const [left, top, right, bottom] = [box.x1, box.y1, box.x2, box.y2].map(Math.round);
    print(io, `             best part: ${left},${top} to ${right},${bottom}, cosine ${score!.toFixed(3)}`);
  }
}

const settingsFor = (io: CliIo, { json, maxBad }: Options): BulkSettings<Heat[]> => ({
  ...{ output: undefined, json, maxBad, identity: {} },
  // Nothing is kept: drawings are written as they come.
  codec: { encode: (value) => value, decode: () => [] },
  form: {
    columns: [],
    rows: () => [],
    lines: ({ name }, heats) => heats.map((heat) => ({ image: name, ...heat })),
  },
  print: ({ name }, heats) => printHeats(io, name, heats),
  summary: (count) => `heatmaps of ${count} pictures`,
});

async function heatmap(files: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { text, textsFile, from, output, json } = options;
  const texts = [...text, ...(textsFile === undefined ? [] : await readLines(textsFile, io))];
  if (texts.length === 0) throw new UsageError('nothing to look for: give --text or --texts-file');
  if (texts.some((one) => one.trim() === '')) throw new UsageError('a text of --text is empty');
  if (files.length === 0 && from === undefined) throw new UsageError('no pictures: give some, or --from');
  if (output === undefined && !json)
    throw new UsageError('nowhere to draw: give --output, or --json for values');
  const images = await imagesOf(files, options, io);
  const fileOf = output === undefined ? undefined : await filesFor(output, images, texts.length);
  await withEncoder(options, io, async (encoder) => {
    const queries = await embedInGroups(io, 'texts', texts, GROUP.text, encoder.width, encoder.embedTexts);
    const work: Work = { encoder, texts, queries, options, fileOf };
    const group = (some: readonly Input[]) =>
      tryTogether(some, (inputs) => Promise.all(inputs.map((input) => outcomeOf(input, work))));
    await bulk(io, settingsFor(io, options), (part) => part(imagePart(images, group, 1)));
  });
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('heatmap')
    .summary('show where in a picture a text fits')
    .description(
      'Draws over a picture how well each place fits a text, from dark to bright. The colours are stretched over the picture’s own values: what is printed says whether the whole picture fits at all.',
    )
    .argument('[images...]', `${IMAGES}; - for a list on standard input`)
    .option('-t, --text <texts...>', 'texts, one heatmap each')
    .option('--texts-file <file>', 'texts, one a line; - for standard input')
    .option(
      '-o, --output <file>',
      'the drawing, .png, .jpg or .webp, with several texts numbered; or a folder, for NAME.heat.jpg of each picture',
    )
    .option('--box', 'find the best part, and draw its box')
    .option(
      '--windows <n>',
      'parts that are looked at one by one for the box; 0 takes it from the heat alone (default: all, about 50)',
    )
    .option('--least <cosine>', 'what the darkest colour stands for (default: the picture’s least)')
    .option('--most <cosine>', 'what the brightest colour stands for (default: the picture’s most)')
    .option('--from <file>', 'paths of more images, one a line; - for standard input')
    .option(
      '--max-bad <share>',
      'largest share of bad inputs with which the command succeeds (default: 0.1)',
    );
  withJson(
    withEngine(withImageColumn(command)),
    'a JSON object a picture and text: {"image", "text", "probability", "least", "most", "rows", "columns", "area", "values", "box", "score", "output"}',
  )
    .addHelpText(
      'after',
      `${examples(
        'siglip2 heatmap street.jpg --text "a red bicycle" --output heat.png',
        'siglip2 heatmap street.jpg --text "ein Hund" "a tree" --box --output heat.png',
        'siglip2 heatmap photos/ --text "a face" --output heat/',
      )}\n
A finer grid: a NaFlex model and --max-patches. Files that are there are replaced, pictures never.
Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done but more bad inputs than --max-bad,
130 interrupted.`,
    )
    .action((files: string[], options: Record<string, unknown>) => heatmap(files, options, io));
}
