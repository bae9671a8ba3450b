import type { Command } from 'commander';
import { z } from 'zod';
import {
  createTally,
  isNoteworthy,
  type Tally,
  TooManyBadSamplesError,
  tallyText,
} from '../../data/samples/tally.ts';
import type { Source } from '../../data/sources/source.ts';
import type { Evaluation, Evaluator } from '../../evaluate/evaluator.ts';
import { evaluators } from '../../evaluate/registry.ts';
import { ANNOTATIONS, DATA, dataPaths, noteSkipped, openDataSet, skippedIn } from '../data/dataSets.ts';
import { explained } from '../data/samples.ts';
import { columnFields, columnsOf, withColumns } from '../support/columns.ts';
import { UsageError } from '../support/errors.ts';
import { type CliIo, note, printJson } from '../support/io.ts';
import { withEncoder } from '../support/model.ts';
import {
  DATA_EXITS,
  examples,
  MAX_BAD,
  maxBad,
  modelSchema,
  parseOptions,
  withEngine,
  withJson,
} from '../support/options.ts';
import { type Progress, progressBar } from '../support/progress.ts';
import { JSON_VERSION, printEvaluation, printList, printTable } from './results.ts';
import { assertOption, checkOptions, dataOf, parseWith } from './taskOptions.ts';
import { addAll, findTask } from './tasks.ts';

const list = z.array(z.string()).default([]);

const schema = modelSchema.extend({
  ...columnFields,
  task: z.string().optional(),
  list: z.boolean().default(false),
  evaluators: list,
  data: list,
  annotations: list,
  with: list,
  set: z.array(z.string()).optional(),
  locales: z.string().optional(),
  maxBad,
  json: z.boolean().default(false),
});

type Options = z.output<typeof schema>;

/** Reads before the share of bad ones is judged with more to come, as in `finetune`. */
const MINIMUM = 100;

/** `--set` and `--locales`, which are shorter than `--with`. */
function shortOptions(evaluator: Evaluator, { set, locales }: Options): Record<string, unknown> {
  if (set) assertOption(evaluator, 'sets', '--set');
  if (locales !== undefined) assertOption(evaluator, 'locales', '--locales');
  return {
    ...(set && { sets: set }),
    ...(locales !== undefined && {
      locales: locales === 'all' ? locales : locales.split(',').map((id) => id.trim()),
    }),
  };
}

/**
 * The set that `--data` names, where the task reads one.
 * @throws UsageError where the task needs one that is not given, or reads none
 */
async function openData(evaluator: Evaluator, options: Options, io: CliIo): Promise<Source | undefined> {
  const { name, description, keepUncaptioned = false } = evaluator;
  const wanted = dataOf(evaluator);
  if (options.data.length === 0) {
    if (wanted === 'needed') throw new UsageError(`--data is missing: ${name} is ${description}`);
    return undefined;
  }
  if (wanted === 'none') throw new UsageError(`--data: the task ${name} reads none; leave it out`);
  const source = await openDataSet(await dataPaths(options.data, io), options.annotations, {
    columns: columnsOf(options),
    keepUncaptioned,
  });
  noteSkipped(io, skippedIn(source));
  return source;
}

/** A tally that shows how many samples were read. */
function shownTally(tally: Tally, line: Progress, source: Source | undefined): Pick<Tally, 'good' | 'bad'> {
  const size = source?.kind === 'indexed' ? source.size : undefined;
  const show = (): void => line.update(tally.report().read, size);
  return {
    good(sample) {
      tally.good(sample);
      show();
    },
    bad(sample) {
      tally.bad(sample);
      show();
    },
  };
}

/** Errors of no class of their own say which task they come from, and of what data. */
function inTask(error: unknown, task: string, data: readonly string[]): unknown {
  const isPlain = error instanceof Error && /^(Error|TypeError|RangeError)$/.test(error.constructor.name);
  if (!isPlain) return error;
  const of = data.length > 0 ? ` on ${data.join(', ')}` : '';
  return new Error(`the task ${task} failed${of}: ${error.message}`, { cause: error });
}

/** Evaluates, writing JSON as it comes. @returns everything that was found */
async function runTask(
  evaluator: Evaluator,
  given: Readonly<Record<string, unknown>>,
  source: Source | undefined,
  tally: Tally,
  options: Options,
  io: CliIo,
): Promise<Evaluation[]> {
  const line = progressBar(io, evaluator.name);
  const has = (name: string): boolean => Object.hasOwn(evaluator.options, name);
  const all = {
    ...given,
    ...(source && { data: source }),
    ...(source && has('tally') && { tally: shownTally(tally, line, source) }),
    ...(has('onProgress') && { onProgress: line.update }),
  };
  checkOptions(evaluator, all);
  evaluator.assertReady?.();
  const found: Evaluation[] = [];
  await withEncoder(options, io, async (encoder) => {
    try {
      for await (const one of evaluator.run(encoder, all)) {
        found.push(one);
        if (!options.json) continue;
        line.end();
        printEvaluation(io, evaluator.name, one);
      }
    } catch (error) {
      throw inTask(explained(error), evaluator.name, options.data);
    } finally {
      line.end();
    }
  });
  return found;
}

async function evaluate(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  if (options.list) {
    await addAll(options.evaluators);
    return printList(io, evaluators.all(), options.json);
  }
  const evaluator = await findTask(options.task, options.evaluators);
  const given = { ...parseWith(evaluator, options.with), ...shortOptions(evaluator, options) };
  const source = await openData(evaluator, options, io);
  const tally = createTally({ maxRate: options.maxBad, minimum: MINIMUM });
  const found = await runTask(evaluator, given, source, tally, options, io);
  const report = tally.report();
  if (options.json)
    printJson(io, {
      version: JSON_VERSION,
      task: evaluator.name,
      finished: true,
      ...(source && { bad: report }),
    });
  else printTable(io, found);
  if (!options.json && isNoteworthy(report)) note(io, tallyText(report));
  if (report.bad > options.maxBad * report.read)
    throw explained(new TooManyBadSamplesError(report, options.maxBad));
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('evaluate')
    .summary('measure how good a model is at a task')
    .description(
      'Runs an evaluation protocol, of this package or of your own, and prints its numbers, each with a 95 % interval and what guessing would reach. Without --task, in a checkout of the repository, the emoji data is evaluated: retrieval between drawings and their names, on seen and held-out concepts, drawing styles and locales.',
    )
    .option('--task <name>', 'what is evaluated, e.g. zero-shot, retrieval or few-shot; --list shows all')
    .option('--list', 'show all tasks and what they take, and evaluate nothing')
    .option('--data <paths...>', DATA)
    .option('--annotations <files...>', ANNOTATIONS)
    .option('--with <name=value...>', 'options of the task, e.g. --with shots=5')
    .option(
      '--evaluators <modules...>',
      'modules that register evaluators, or kinds of data sets, of your own',
    )
    .option('--max-bad <share>', MAX_BAD)
    .option('--set <names...>', 'emoji: evaluation sets, or beginnings of their names (default: all)')
    .option(
      '--locales <list>',
      'emoji: locales separated by commas, or all, each with its own numbers (default: means of all)',
    );
  withJson(
    withEngine(withColumns(command)),
    'a JSON object for each number: version, task, metric, value, interval, chance, count',
  )
    .addHelpText(
      'after',
      `${examples(
        'siglip2 evaluate --list',
        'siglip2 evaluate --task zero-shot --data photos --model google/siglip2-base-patch16-224',
        'siglip2 evaluate --task few-shot --data photos --with shots=5 --json',
        'siglip2 evaluate --task per-class --evaluators ownEvaluator.ts --data photos',
        'siglip2 evaluate --set held-out-concepts --locales en,fr,ja',
      )}\n\n${DATA_EXITS}`,
    )
    .action((options: Record<string, unknown>) => evaluate(options, io));
}
