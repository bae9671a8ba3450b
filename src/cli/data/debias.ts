import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { parseJson } from '../../checkpoint/files/json.ts';
import { BALANCE_DEFAULTS } from '../../data/balance/balancer.ts';
import { balanceSamples } from '../../data/balance/balanceSamples.ts';
import { DEFAULT_LEXICON, type Lexicon, lexiconSchema } from '../../data/balance/lexicon.ts';
import type { BalanceReport, BalanceRow } from '../../data/balance/report.ts';
import type { BadSample, Sample } from '../../data/samples/sample.ts';
import { isNoteworthy, tallyText } from '../../data/samples/tally.ts';
import { pathRemedy } from '../../input/pathRemedy.ts';
import { decodeText } from '../../input/text/textFile.ts';
import { columnFields, columnsOf, withColumns } from '../support/columns.ts';
import { type CliIo, note, print, printJson } from '../support/io.ts';
import {
  DATA_EXITS,
  examples,
  MAX_BAD,
  maxBad,
  nonNegativeInteger,
  parseOptions,
  positiveInteger,
  positiveNumber,
  share,
  withJson,
} from '../support/options.ts';
import { progressBar } from '../support/progress.ts';
import { ANNOTATIONS, DATA, dataPaths, noteSkipped, openDataSet, skippedIn } from './dataSets.ts';
import { sampleCheck, samplesOf, stopOnSignal } from './samples.ts';
import { noteOlderShards, writable, writeWholeShards } from './wholeShards.ts';

const schema = z.object({
  data: z.array(z.string()),
  annotations: z.array(z.string()).optional(),
  ...columnFields,
  output: z.string().optional(),
  lexicon: z.string().optional(),
  representation: share.default(BALANCE_DEFAULTS.representationTolerance),
  association: share.default(BALANCE_DEFAULTS.associationTolerance),
  penalty: positiveNumber.default(BALANCE_DEFAULTS.penalty),
  passes: positiveInteger.default(1),
  seed: nonNegativeInteger.default(0),
  maxBad,
  json: z.boolean().default(false),
});

/** @throws Error naming the file and the field that is wrong. */
async function readLexicon(path: string): Promise<Lexicon> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new Error(`${path}: cannot be read; ${pathRemedy(path)}`, { cause });
  });
  const parsed = lexiconSchema.safeParse(parseJson(decodeText(bytes, path), path));
  if (parsed.success) return parsed.data;
  const { path: field, message } = parsed.error.issues[0]!;
  throw new Error(`${path}: ${field.join('.') || 'the lexicon'}: ${message}`);
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
const percent = (rate: number | undefined): string =>
  (rate === undefined ? '–' : `${(100 * rate).toFixed(1)} %`).padStart(8);

const nameOf = ({ attribute, label }: BalanceRow): string =>
  label === undefined ? attribute : `${attribute}, ${label}`;

const line = (row: BalanceRow, width: number): string =>
  [
    nameOf(row).padEnd(width),
    signed(row.before).padStart(8),
    signed(row.after).padStart(8),
    row.tolerance.toFixed(4).padStart(8),
    percent(row.rateBefore),
    percent(row.rateAfter),
  ].join('  ');

function printReport(io: CliIo, { examples: count, kept, rows }: BalanceReport): void {
  print(io, `${count} samples, ${(100 * kept).toFixed(1)} % stay`);
  const seen = rows.filter(({ rateBefore }) => rateBefore !== undefined);
  const width = Math.max(0, ...seen.map((row) => nameOf(row).length));
  const titles = ['gap', 'after', 'allowed', 'rate', 'after'].map((title) => title.padStart(8)).join('  ');
  if (seen.length > 0) print(io, `${''.padEnd(width)}  ${titles}`);
  for (const row of seen) print(io, line(row, width));
  const unseen = rows.filter((row) => !seen.includes(row)).map(nameOf);
  if (unseen.length > 0) print(io, `in no caption: ${unseen.join('; ')}`);
}

/** Reads to the end without keeping anything. */
async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function debias(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { output, representation, association, penalty, passes, seed } = options;
  const lexicon = options.lexicon === undefined ? DEFAULT_LEXICON : await readLexicon(options.lexicon);
  const source = await openDataSet(await dataPaths(options.data, io), options.annotations, {
    columns: columnsOf(options),
  });
  const stop = stopOnSignal(io, () =>
    output === undefined
      ? 'stopped'
      : `stopped; whole shards are kept in ${output}: the same command continues`,
  );
  const total = source.kind === 'indexed' ? source.size * passes : undefined;
  const bar = progressBar(io, 'samples');
  let seen = 0;
  async function* shown(samples: AsyncIterable<Sample>): AsyncGenerator<Sample> {
    for await (const sample of samples) {
      bar.update(seen++, total);
      yield sample;
    }
  }
  const read = (onBad: (bad: BadSample) => void) => {
    const samples = stop.through(shown(samplesOf(source, onBad)));
    return output === undefined ? samples : writable(samples, onBad);
  };
  const check = sampleCheck(options.maxBad);
  let pass = 0;
  // The first pass says what is bad, before more work is done; the others leave the same samples out.
  const open = () => (++pass === 1 ? check.through(read(check.onBad)) : read(() => {}));
  const { kept, report } = balanceSamples(open, {
    lexicon,
    settings: { representationTolerance: representation, associationTolerance: association, penalty },
    passes,
    seed,
  });
  const work = output === undefined ? drain(kept) : writeWholeShards(kept, output);
  const shards = await work.finally(() => {
    stop.end();
    bar.end();
  });
  const written = shards && { shards, kept: shards.reduce((total, { samples }) => total + samples, 0) };
  if (output !== undefined && shards) await noteOlderShards(io, output, shards);
  const bad = check.report();
  const skipped = skippedIn(source);
  if (options.json) {
    const { kept: share, ...rest } = report();
    printJson(io, { ...rest, keptShare: share, bad, skipped, ...written });
    return;
  }
  if (isNoteworthy(bad)) note(io, tallyText(bad));
  noteSkipped(io, skipped);
  printReport(io, report());
  if (written) print(io, `${written.kept} samples in ${written.shards.length} shards in ${output}`);
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('debias')
    .summary('balance a data set by the words of its captions')
    .description(
      'Leaves samples out so that attributes (by default: gender) are as frequent as wanted, overall and together with labels (by default: occupations). Without --output it only reports.',
    )
    .requiredOption('-d, --data <paths...>', DATA)
    .option('--annotations <files...>', ANNOTATIONS)
    .option('-o, --output <folder>', 'write the samples that stay as WebDataset shards')
    .option(
      '--lexicon <file>',
      'JSON with words of attributes and labels (default: a small list in this package)',
    )
    .option(
      '--representation <gap>',
      `largest gap of an attribute (default: ${BALANCE_DEFAULTS.representationTolerance})`,
    )
    .option(
      '--association <gap>',
      `largest gap of an attribute and a label (default: ${BALANCE_DEFAULTS.associationTolerance})`,
    )
    .option(
      '--penalty <price>',
      `price of a larger gap; below 2, keeping samples counts more than balance (default: ${BALANCE_DEFAULTS.penalty})`,
    )
    .option('--passes <n>', 'times to read the data; small sets gain from 2 or 3 (default: 1)')
    .option('--seed <n>', 'decides which samples stay (default: 0)')
    .option('--max-bad <share>', MAX_BAD);
  withJson(
    withColumns(command),
    'one JSON object: the gaps before and after, bad samples by reason, and what was written',
  )
    .addHelpText(
      'after',
      `${examples(
        "siglip2 debias --data 'shards/{000..012}.tar'",
        'siglip2 debias --data shards/000.tar --lexicon words.json --output balanced --json',
      )}\n
The folder gets its shards when all are complete. If the command is stopped, complete shards are kept in
OUTPUT/.unfinished, and the same command continues after them.
${DATA_EXITS}`,
    )
    .action((options: Record<string, unknown>) => debias(options, io));
}
