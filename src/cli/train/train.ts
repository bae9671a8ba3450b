import type { Command } from 'commander';
import { z } from 'zod';
import type { FloatDType } from '../../checkpoint/safetensors/castFloat.ts';
import { isNoteworthy, type TallyReport, tallyText } from '../../data/samples/tally.ts';
import type { Recipe } from '../../train/recipe/recipe.ts';
import { type EvaluateStagesOptions, evaluateStages } from '../../train/run/evaluation/evaluateStages.ts';
import type { StageEvaluations } from '../../train/run/evaluation/evaluations.ts';
import { inRunFolder, type RunLock } from '../../train/run/folder.ts';
import { writeReport } from '../../train/run/report/writeReport.ts';
import { saveTrainedModel } from '../../train/run/saveModel.ts';
import type { Stage } from '../../train/run/stage.ts';
import { modelDir } from '../../train/run/stageTree.ts';
import { trainStages } from '../../train/run/trainStages.ts';
import { costFields, wantsCost, withCost } from '../support/costOption.ts';
import { InterruptedError, UsageError } from '../support/errors.ts';
import { type CliIo, note, print, printJson } from '../support/io.ts';
import {
  examples,
  modelSchema,
  nonNegativeInteger,
  parseOptions,
  positiveInteger,
  sessionFlags,
  withJson,
  withSession,
} from '../support/options.ts';
import { chosenState } from './chosenState.ts';
import { printCost } from './cost.ts';
import { keepFlags, keepOption } from './keep.ts';
import { checkMemory, largestStage, memoryFlags, withMemoryCheck } from './memoryCheck.ts';
import { trainReport } from './progressLines.ts';
import { loadRecipe } from './recipe/recipe.ts';
import { samplesFlags, samplesOf } from './recipe/samples.ts';
import { assertSaved, hasSavedStage, RESUME } from './resume.ts';
import { keepDataIdentity, runSettings } from './runSettings.ts';
import { saveTrained } from './saveTrained.ts';
import { untrainedNotice } from './untrained.ts';

const schema = modelSchema.pick({ device: true, threads: true }).extend({
  run: z.string().optional(),
  ...costFields,
  resume: z.boolean().default(false),
  steps: positiveInteger.optional(),
  seed: nonNegativeInteger.optional(),
  ignoreMemory: z.boolean().default(false),
  keep: keepOption,
  samples: z.boolean().optional(),
  json: z.boolean().default(false),
});

type Settings = Omit<z.output<typeof schema>, 'cost' | 'plan' | 'resume' | 'run'> & { readonly run: string };

/** What evaluates a recipe's models; nothing where it names no evaluators. @throws RangeError naming a metric that none gives */
const evaluationsOf = (
  { evaluators = [] }: Recipe,
  options: EvaluateStagesOptions,
): StageEvaluations<Stage> | undefined =>
  evaluators.length > 0 || options.best !== undefined || options.samples?.every !== undefined
    ? evaluateStages(evaluators, options)
    : undefined;

/** The command that continues a run. */
const again = (file: string, options: Settings): string =>
  [
    `siglip2 train ${file} --run ${options.run}`,
    ...keepFlags(options.keep),
    ...samplesFlags(options.samples),
    ...memoryFlags(options),
    ...sessionFlags(options),
  ].join(' ');

/** Trains, and saves a model wherever a line of stages ends. @returns how many steps the last one had, and where */
async function runRecipe(file: string, options: Settings, signal: AbortSignal, io: CliIo) {
  const recipe = await loadRecipe(file);
  return inRunFolder(options.run, undefined, (lock) => trainRecipe(recipe, lock, options, signal, io));
}

async function trainRecipe(recipe: Recipe, lock: RunLock, options: Settings, signal: AbortSignal, io: CliIo) {
  const { run, steps, seed, threads, device, json } = options;
  const settings = await runSettings(run, { recipe: recipe.name, seed, steps });
  const log = (message: string) => note(io, message);
  const session = { threads, device };
  const prepared = await recipe.prepare({ seed: settings.seed, steps: settings.steps, session, log });
  await keepDataIdentity(run, settings, prepared.dataIdentity);
  const { stages, tally } = prepared;
  const { which = 'best', metric = recipe.best } = options.keep ?? {};
  const evaluations = evaluationsOf(recipe, {
    ...{ runDir: run, model: prepared, session, onNotice: log },
    ...(metric !== undefined && which === 'best' && { best: metric }),
    ...samplesOf(recipe, options.samples),
  });
  const largest = options.ignoreMemory
    ? undefined
    : largestStage(stages, evaluations ? prepared.config : undefined);
  if (largest) checkMemory(largest, io);
  const untrained = untrainedNotice(stages, prepared);
  if (untrained !== undefined) log(untrained);
  const report = trainReport(io, json, () => tally?.report().bad ?? 0);
  const models: { readonly step: number; readonly model: string; readonly savedAs?: FloatDType }[] = [];
  try {
    const result = await trainStages(stages, {
      runDir: run,
      lock,
      saveEvery: recipe.saveEvery,
      signal,
      session,
      onNotice: log,
      ...(evaluations && { evaluations }),
      onEvaluation: (evaluated, { name }) =>
        report.evaluation(evaluated, stages.length > 1 ? name : undefined),
      onProgress: (progress, { name }) => report.step(progress, stages.length > 1 ? name : undefined),
      async onModel(stage, index, result) {
        const model = modelDir(run, stages, index);
        const { step, state } = await chosenState(result, which, io);
        const savedAs = await saveTrained(
          (saveAs = prepared.saveAs) => saveTrainedModel(model, { ...prepared, saveAs }, state, stage, step),
          run,
          io,
        );
        models.push({ step, model, ...(savedAs && { savedAs }) });
      },
    });
    return { ...result, models, bad: tally?.report() };
  } finally {
    report.end();
    // What there is to see of a run that was stopped or failed too; a failure to draw it must not hide another.
    await writeReport(run).catch(() => undefined);
  }
}

type Outcome = Awaited<ReturnType<typeof runRecipe>>;

/** Tells where the models are; with the last one, which samples could not be used. */
function printModels({ models, bad }: Outcome, json: boolean, io: CliIo): void {
  for (const [index, { step, model, savedAs }] of models.entries()) {
    const isLast = index === models.length - 1;
    if (json)
      printJson(io, {
        finished: true,
        step,
        model,
        ...(savedAs && { savedAs }),
        ...(isLast && bad && { bad }),
      });
    else print(io, `${step} steps done; the model is in ${model}`);
  }
}

function noteBad(bad: TallyReport | undefined, io: CliIo): void {
  if (bad && isNoteworthy(bad)) note(io, tallyText(bad));
}

async function train(file: string, raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const { run, cost, plan, resume, ...options } = parseOptions(schema, raw);
  const { json, seed = 0 } = options;
  if (wantsCost({ cost, plan })) return printCost(await loadRecipe(file), { ...options, seed }, io);
  if (run === undefined)
    throw new UsageError('--run is missing: the folder for the log, the states and the model');
  if (resume) assertSaved(run, await hasSavedStage(run));
  const stop = new AbortController();
  const stopListening = io.onInterrupt(() => {
    note(io, '\nstopping after this step; press again to stop at once');
    stop.abort();
  });
  try {
    const outcome = await runRecipe(file, { ...options, run }, stop.signal, io);
    const { step, finished, bad } = outcome;
    // Of a run that is stopped too: the one that continues it counts anew.
    if (!json) noteBad(bad, io);
    if (!finished) {
      throw new InterruptedError(
        `stopped ${step > 0 ? `after step ${step}, which is saved` : 'before the first step'}; continue with: ${again(file, { ...options, run })}`,
      );
    }
    printModels(outcome, json, io);
  } finally {
    stopListening();
  }
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('train')
    .summary('train a model by a recipe')
    .description(
      'Trains a model by a recipe. If the run is stopped or killed, the same command continues it, and the model is the same to the bit. That holds on the same kind of processor with as many threads (--threads); with others, and on CUDA, sums are rounded in another order.',
    )
    .argument('<recipe>', 'TypeScript or JavaScript file whose default export is a Recipe')
    .option('--run <dir>', 'folder of the log, the saved states and, at the end, the model')
    .option('--steps <n>', 'number of steps (default: the recipe’s)')
    .option('--seed <n>', 'seed of everything random (default: 0)')
    .option(
      '--keep <which>',
      'which saved state becomes the model: last, best (if the recipe measures on the way), or best:METRIC, a number of its evaluators (default: best)',
    )
    .option(
      '--samples',
      'ask the model of eight pictures at every saved state, for the page of the server (default: only where it is evaluated)',
    )
    .option('--no-samples', 'never ask it')
    .option('--resume', RESUME);
  withJson(
    withSession(
      withMemoryCheck(withCost(command, 'stages, steps, examples, operations, memory and expected time')),
    ),
    'one JSON object a step: loss, metrics, steps a second, time left',
  )
    .addHelpText(
      'after',
      `${examples(
        'siglip2 train recipes/emoji.ts --run runs/emoji',
        'siglip2 train recipes/emoji.ts --run runs/emoji --resume',
        'siglip2 train recipes/emoji.ts --run runs/short --steps 500 --seed 1',
        'siglip2 train recipes/paper/base.ts --cost',
      )}\n\nCtrl-C (or SIGTERM) finishes the step, saves the state and exits with code 130.\nThe folder also has report.html with the curves (siglip2 report), the log as JSON lines and TensorBoard's event files.`,
    )
    .action((file: string, options: Record<string, unknown>) => train(file, options, io));
}
