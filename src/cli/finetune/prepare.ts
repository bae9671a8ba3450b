import { join } from 'node:path';
import { removeLeftovers } from '../../checkpoint/files/leftovers.ts';
import type { ModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import { isNoteworthy, tallyText } from '../../data/samples/tally.ts';
import { EMBEDDED_MODEL } from '../../encoder/embeddedModel.ts';
import { withMaxPatches } from '../../input/image/naflex/patchBudget.ts';
import { matmulRate } from '../../train/cost/matmulRate.ts';
import { stepFlops } from '../../train/cost/stepCost.ts';
import { openTokenizer } from '../../train/finetune/finetune.ts';
import { finetuneObjective } from '../../train/finetune/objective.ts';
import { FINETUNE_DEFAULTS } from '../../train/finetune/settings.ts';
import { columnsOf } from '../support/columns.ts';
import { wantsCost } from '../support/costOption.ts';
import { type CliIo, note, print, printJson } from '../support/io.ts';
import { formatBytes } from '../support/progress.ts';
import { formatTime } from '../train/cost.ts';
import { checkMemory } from '../train/memoryCheck.ts';
import { assertSaved } from '../train/resume.ts';
import { keepNotes, keepOf } from './best.ts';
import { openFinetuneData } from './data.ts';
import type { FinetuneOptions } from './options.ts';
import type { Prepared } from './prepared.ts';
import { keepRecord, recordOfRun } from './record.ts';
import { type ResolvedSettings, resolveSettings } from './settings.ts';

const LESS = 'use --freeze image,embeddings, a smaller --batch or --chunk, or a smaller model';

/** A chunk that was asked for may lie above what is free now; a chosen one must not. */
function assertFits({ cost, available }: ResolvedSettings, { chunk }: FinetuneOptions, io: CliIo): void {
  const run = { what: 'the run', needed: cost.total, remedies: LESS };
  if (cost.fits || chunk !== undefined) checkMemory(run, io);
  else checkMemory(run, io, { total: available, free: available, by: 'free' });
}

/** @throws Error naming what does not fit, before any work is done */
export async function prepare(given: ModelDirectory, options: FinetuneOptions, io: CliIo): Promise<Prepared> {
  const runDir = options.run ?? join(options.output, 'run');
  const found = await recordOfRun(runDir);
  if (options.resume) assertSaved(runDir, found !== undefined);
  const maxPatches = options.maxPatches ?? found?.maxPatches;
  const model = { ...given, preprocessor: withMaxPatches(given.preprocessor, maxPatches) };
  await openTokenizer(model);
  const seed = options.seed ?? found?.seed ?? FINETUNE_DEFAULTS.seed;
  const validation = options.validation ?? found?.validation;
  const columns = columnsOf(options);
  const data = await openFinetuneData({
    ...options,
    seed,
    validation,
    columns,
    costOnly: wantsCost(options),
  });
  const identity = {
    model: options.model ?? EMBEDDED_MODEL,
    seed,
    ...(validation !== undefined && { validation }),
    ...(maxPatches !== undefined && { maxPatches }),
  };
  const resolved = resolveSettings(model, data, identity, options, found);
  if (!wantsCost(options) && !options.ignoreMemory) assertFits(resolved, options, io);
  const keep = keepOf(data, resolved, options.keep, found?.keep);
  const notes = [...data.notes, ...(found ? [] : keepNotes(keep, data, options.keep))];
  return { ...resolved, record: { ...resolved.record, keep }, model, data: { ...data, notes }, runDir };
}

/** Writes down what the run is, or checks that the one in the folder is the same, and clears up after killed ones. */
export async function begin({ runDir, record }: Prepared, { output }: FinetuneOptions): Promise<void> {
  // Read again: until the folder was taken, another process may have trained there.
  await keepRecord(runDir, record, await recordOfRun(runDir));
  await removeLeftovers(output);
}

/** Data, steps and memory, a line each. */
export function describe({ data, record, cost, available, model, chosenRate }: Prepared): string[] {
  const { batch, chunk, steps, freeze, learningRate } = record;
  const { trainSize, validation, classes, notes } = data;
  const images = trainSize === undefined ? 'shards' : `${trainSize} images`;
  const held = validation.length > 0 ? `, ${validation.length} held out` : '';
  const sorted = classes ? ` in ${classes.length} classes` : '';
  const seen =
    trainSize === undefined ? '' : ` (each image ${((steps * batch) / trainSize).toPrecision(2)} times)`;
  const chunks = chunk < batch ? ` in chunks of ${chunk}` : '';
  const { vision, text } = model.config;
  const width = Math.max(vision.hiddenSize, text.hiddenSize);
  const why = chosenRate ? ` (for a width of ${width} and ${steps} steps)` : '';
  const { parameters, moments, secondBuffer, gradients, activations } = cost.memory;
  const state = formatBytes(parameters + moments + secondBuffer);
  return [
    `data      ${images}${sorted}${held}`,
    `training  ${steps} steps of ${batch} pairs${chunks}${seen}, learning rate ${learningRate}${why}, frozen: ${freeze.join(', ') || 'nothing'}`,
    `memory    ${formatBytes(cost.total)} estimated (state ${state}, gradients ${formatBytes(gradients)}, activations ${formatBytes(activations)}), ${formatBytes(available)} free`,
    ...notes.map((text) => `note      ${text}`),
  ];
}

/** The cost, with the time that the matrix products alone take at the rate of this machine. */
export async function showCost(
  prepared: Prepared,
  { json, threads }: FinetuneOptions,
  io: CliIo,
): Promise<void> {
  const { data, model, cost, record, available } = prepared;
  const flops = record.steps * stepFlops(finetuneObjective(model, record));
  const rate = await matmulRate(threads === undefined ? {} : { threads });
  const seconds = flops / rate;
  const bad = data.tally.report();
  if (json) {
    const { trainSize: images, validation, classes } = data;
    const counts = { images, validation: validation.length, classes };
    const { memory, total, fits } = cost;
    const estimate = { memory: { ...memory, process: total - memory.total, total }, available, fits };
    return printJson(io, { ...record, ...counts, bad, ...estimate, flops, seconds });
  }
  if (isNoteworthy(bad)) note(io, tallyText(bad));
  for (const line of describe(prepared)) print(io, line);
  const gigaflops = `${(rate / 1e9).toFixed(0)} GFLOP/s`;
  print(
    io,
    `time      ${formatTime(seconds)} for the matrix products alone, at the ${gigaflops} of the CPU, measured now`,
  );
}
