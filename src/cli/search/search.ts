import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Collection } from '../../search/collection/collection.ts';
import type { Query } from '../../search/query/query.ts';
import { search } from '../../search/query/search.ts';
import { drawingFormat } from '../../search/regions/pictureFile.ts';
import { UsageError } from '../support/errors.ts';
import { type CliIo, note } from '../support/io.ts';
import { examples, modelSchema, parseOptions, withEngine, withJson } from '../support/options.ts';
import { ARGUMENT_RULE, likesOf, partsOf } from './arguments/queryArguments.ts';
import { collectionFields, withCollectionOptions } from './collectionOptions.ts';
import { each } from './filters/each.ts';
import { filterFields, filterOf, withFilters } from './filters/filters.ts';
import { hitsForPeople, printHits, printPaths, printSearchJson } from './output/searchOutput.ts';
import { drawBest, findHitRegions } from './regions/hitRegions.ts';
import { withCollection } from './withCollection.ts';

/** Most hits, as the collection gives. */
const MOST = 10_000;

const limit = z
  .string()
  .refine((text) => /^[1-9]\d*$/.test(text) && Number(text) <= MOST, `expected a whole number, 1 … ${MOST}`)
  .transform(Number);

const schema = modelSchema.extend({
  ...collectionFields,
  ...filterFields,
  not: z.array(z.string()).default([]),
  like: z.array(z.string()).default([]),
  limit: limit.default(24),
  all: z.boolean().default(false),
  groups: z.boolean().default(true),
  region: z.boolean().default(false),
  output: z.string().min(1, 'expected a file').optional(),
  paths: z.boolean().default(false),
  null: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** @throws UsageError for a file that cannot be drawn */
function assertDrawing(output: string): void {
  try {
    drawingFormat(output);
  } catch (error) {
    throw new UsageError(`--output: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws UsageError where the drawing would be written over a picture of the collection */
async function assertNoPicture(collection: Collection, output: string): Promise<void> {
  const paths = new Set([resolve(output), await realpath(output).catch(() => resolve(output))]);
  for (const path of paths)
    if ((await collection.count({ folder: path })) > 0)
      throw new UsageError(
        `--output ${output} is a picture of the collection ${collection.name}, which is never written; name another file`,
      );
}

async function queryOf(
  collection: Collection,
  words: readonly string[],
  { not, like }: Pick<z.output<typeof schema>, 'not' | 'like'>,
): Promise<Query> {
  const wanted = await partsOf(words);
  const query: Query = { ...wanted, like: await likesOf(collection, like) };
  return not.length === 0 ? query : { ...query, not: await partsOf(not) };
}

async function run(words: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { all, groups: grouped, json, limit: most } = options;
  if (words.length === 0 && options.like.length === 0)
    throw new UsageError(
      options.not.length > 0
        ? '--not alone finds nothing; say also what to look for'
        : 'nothing to look for: give texts, images or --like',
    );
  const { output } = options;
  const paths = options.paths || options.null;
  if (json && paths) throw new UsageError('--json and --paths exclude each other');
  const filter = filterOf(options);
  if (output !== undefined) assertDrawing(output);
  await withCollection(io, options, async ({ collection, encoder, model }) => {
    const query = await queryOf(collection, words, options);
    if (output !== undefined) await assertNoPicture(collection, output);
    // People see the nearest where nothing fits; other programs get what fits.
    const forPeople = !json && !paths;
    const result = await search(collection, encoder, query, {
      filter,
      limit: most,
      all: all || forPeople,
      grouped,
      model: model.id,
    });
    const { length } = encoder.config.text;
    for (const text of result.cutTexts)
      note(io, `“${text}” is longer than the model reads (${length} tokens): its end is left out`);
    const hits = forPeople && !all ? hitsForPeople(result) : result.hits;
    const isRegion = options.region || output !== undefined;
    const regions = isRegion ? await findHitRegions(io, encoder, hits, result.vector) : new Map();
    const shown = { collection, query, filter, result, hits, regions };
    if (json) printSearchJson(io, shown);
    else if (paths) await printPaths(io, shown, options.null);
    else await printHits(io, shown);
    if (output !== undefined) await drawBest(io, regions, output);
  });
}

const HELP = `
${ARGUMENT_RULE}
Several are one query: pictures that are like all of them. Texts are in any language.

Each hit has the probability that it fits. Hits that do not fit are left out. Where none is left,
the command says so on standard error, shows a few of the nearest all the same (but none with --json
and --paths), and ends with exit code 0.
Frames of a video, pages of a document and exact copies are one hit.`;

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('search')
    .summary('find pictures of a collection by texts and images')
    .description('Finds pictures of a collection (see index) by texts in any language, by images, or both.')
    .argument('[query...]', 'texts and image files')
    .option('--not <text|image>', 'leave out what shows this; may be repeated', each)
    .option(
      '--like <id|path>',
      'more like this picture of the collection, itself left out; may be repeated',
      each,
    )
    .option('--limit <n>', `most hits, at most ${MOST} (default: 24)`)
    .option('--all', 'give the nearest, whether they fit or not')
    .option('--no-groups', 'every frame, page and copy by itself')
    .option('--region', 'find the part of each hit that fits best (a NaFlex model sees smaller things)')
    .option(
      '-o, --output <file>',
      'with --region: draw the part of the best hit into a PNG, JPEG or WebP file',
    )
    .option('--paths', 'print paths alone, for other programs')
    .option('-0, --null', 'as --paths, each with a zero byte behind it, for xargs -0');
  withJson(
    withEngine(withCollectionOptions(withFilters(command)), 'the one that the collection was indexed with'),
    'one JSON object: {"query", "fits", "hits": [{"rank", "id", "path", "kind", "at", "probability", "fits", …}]}',
  )
    .addHelpText(
      'after',
      `${HELP}\n${examples(
        'siglip2 search "a red bicycle"',
        'siglip2 search "ein rotes Fahrrad" --from 2024-05 --before 2025 --near 52.52,13.4,20',
        'siglip2 search sofa.jpg "in blue" --not "with cushions"',
        'siglip2 search "a street sign" --region -o sign.png',
        'siglip2 search --like holiday/beach.jpg --kind image --limit 5',
        'siglip2 search "a receipt" --paths --on 2024 | xargs -d "\\\\n" cp -t receipts/',
      )}`,
    )
    .action((words: string[], options: Record<string, unknown>) => run(words, options, io));
}
