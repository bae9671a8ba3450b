import type { Command } from 'commander';
import { z } from 'zod';
import { annotateSamples } from '../../data/annotation/annotateSamples.ts';
import { HEATMAP_DEFAULTS, heatmapDetector } from '../../data/annotation/heatmapDetector.ts';
import { KEEP_DEFAULTS } from '../../data/annotation/keepRules.ts';
import { QUERY_DEFAULTS } from '../../data/annotation/queries.ts';
import type { Sample } from '../../data/samples/sample.ts';
import { isNoteworthy, tallyText } from '../../data/samples/tally.ts';
import { openMemory } from '../bulk/annotationMemory.ts';
import { identityOf } from '../bulk/identity.ts';
import { journalPath } from '../bulk/sinks.ts';
import { columnFields, columnsOf, withColumns } from '../support/columns.ts';
import { readLines } from '../support/inputs.ts';
import { type CliIo, note, print, printJson } from '../support/io.ts';
import { withEncoder } from '../support/model.ts';
import {
  DATA_EXITS,
  examples,
  MAX_BAD,
  maxBad,
  modelSchema,
  parseOptions,
  positiveInteger,
  share,
  withEngine,
  withJson,
} from '../support/options.ts';
import { progressBar } from '../support/progress.ts';
import { ANNOTATIONS, DATA, dataPaths, noteSkipped, openDataSet, skippedIn } from './dataSets.ts';
import { sampleCheck, samplesOf, stopOnSignal } from './samples.ts';
import { noteOlderShards, writable, writeWholeShards } from './wholeShards.ts';

const schema = modelSchema.extend({
  data: z.array(z.string()),
  annotations: z.array(z.string()).optional(),
  ...columnFields,
  output: z.string(),
  categories: z.string().optional(),
  maxWords: positiveInteger.default(QUERY_DEFAULTS.maxWords),
  threshold: share.default(HEATMAP_DEFAULTS.threshold),
  boxScore: share.default(KEEP_DEFAULTS.boxScore),
  imageScore: share.default(KEEP_DEFAULTS.imageScore),
  maxBad,
  json: z.boolean().default(false),
});

/** Counts what passes through. */
function counting(onSample: (count: number) => void) {
  const counts = { samples: 0, annotated: 0, regions: 0 };
  async function* through(samples: AsyncIterable<Sample>): AsyncGenerator<Sample> {
    for await (const sample of samples) {
      const found = (sample.regions ?? []).filter(({ score }) => score !== undefined);
      counts.samples++;
      counts.annotated += found.length > 0 ? 1 : 0;
      counts.regions += found.length;
      onSample(counts.samples);
      yield sample;
    }
  }
  return { counts, through };
}

async function annotate(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { output, maxWords, threshold, boxScore, imageScore } = options;
  const categories = options.categories === undefined ? [] : await readLines(options.categories, io);
  const data = await dataPaths(options.data, io);
  // Categories are looked for in every image, whatever is said about it.
  const source = await openDataSet(data, options.annotations, {
    keepUncaptioned: categories.length > 0,
    columns: columnsOf(options),
  });
  const check = sampleCheck(options.maxBad);
  const total = source.kind === 'indexed' ? source.size : undefined;
  const bar = progressBar(io, 'annotate');
  const { counts, through } = counting((count) => {
    const { bad } = check.report();
    bar.update(count + bad, total, `${bad} bad`);
  });
  const journal = journalPath(output.replace(/[\\/]+$/, ''));
  const shards = await withEncoder(options, io, async (encoder, folder) => {
    const settings = { categories, maxWords, threshold, boxScore, imageScore };
    const memory = await openMemory(journal, await identityOf('annotate', folder, encoder, settings));
    if (memory.kept > 0)
      note(io, `continuing: ${memory.kept} annotated samples of an earlier start in ${journal}`);
    const kept = () => `stopped; what was found is kept in ${journal}: the same command continues`;
    const stop = stopOnSignal(io, kept);
    const detector = heatmapDetector(encoder, { threshold });
    const samples = stop.through(writable(samplesOf(source, check.onBad), check.onBad));
    const annotated = annotateSamples(samples, () => detector, {
      queries: { maxWords },
      categories,
      keep: { boxScore, imageScore },
      onBad: check.onBad,
      decode: encoder.decode,
      memory,
    });
    try {
      const written = await writeWholeShards(through(check.through(annotated)), output);
      await memory.remove();
      return written;
    } finally {
      stop.end();
      await memory.close();
    }
  }).finally(bar.end);
  await noteOlderShards(io, output, shards);
  const bad = check.report();
  const skipped = skippedIn(source);
  if (options.json) printJson(io, { output, ...counts, bad, skipped, shards });
  else {
    if (isNoteworthy(bad)) note(io, tallyText(bad));
    noteSkipped(io, skipped);
    const { samples, annotated, regions } = counts;
    print(
      io,
      `${regions} regions in ${annotated} of ${samples} samples; ${shards.length} shards in ${output}`,
    );
  }
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('annotate')
    .summary('find in images what their captions name')
    .description(
      'Finds what the words of a caption name in its image, by the heatmaps of the model itself. Writes the samples with these boxes as WebDataset shards. Boxes are as coarse as the patches of the model.',
    )
    .requiredOption('-d, --data <paths...>', DATA)
    .option('--annotations <files...>', ANNOTATIONS)
    .requiredOption('-o, --output <folder>', 'folder of the annotated shards')
    .option('--categories <file>', 'names to look for in every image, one a line')
    .option('--max-words <n>', `longest name in words (default: ${QUERY_DEFAULTS.maxWords})`)
    .option(
      '--threshold <share>',
      `heat that the patches of a box have at least: 0 is the coldest patch of the image, 1 the hottest (default: ${HEATMAP_DEFAULTS.threshold})`,
    )
    .option('--box-score <p>', `keep boxes with a higher score (default: ${KEEP_DEFAULTS.boxScore})`)
    .option(
      '--image-score <p>',
      `… in images that have a box with a higher score than this (default: ${KEEP_DEFAULTS.imageScore})`,
    )
    .option('--max-bad <share>', MAX_BAD);
  withJson(withEngine(withColumns(command)), 'one JSON object: counts, bad samples by reason, and shards')
    .addHelpText(
      'after',
      `${examples(
        "siglip2 annotate --data 'shards/{000..012}.tar' --output annotated -m google/siglip2-base-patch16-512",
        'siglip2 annotate --data shards/000.tar --output annotated --categories objects.txt --json',
      )}\n
The folder gets its shards when all are complete. Ctrl-C or a crash loses nothing: results are kept in OUTPUT.part, and
the same command continues. With another model or other options it refuses to.
${DATA_EXITS}`,
    )
    .action((options: Record<string, unknown>) => annotate(options, io));
}
