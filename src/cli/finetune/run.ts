import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeJson } from '../../checkpoint/files/atomic.ts';
import { readJson } from '../../checkpoint/files/json.ts';
import { hasDecoder } from '../../checkpoint/huggingFace/decoder.ts';
import type { FloatDType } from '../../checkpoint/safetensors/castFloat.ts';
import { isNoteworthy, tallyText } from '../../data/samples/tally.ts';
import { load } from '../../encoder/load.ts';
import { type DescribedResult, describedSchema, evaluateDescribed } from '../../evaluate/tasks/described.ts';
import { finetune } from '../../train/finetune/finetune.ts';
import { lossChange } from '../../train/finetune/lossChange.ts';
import { saveFinetuned } from '../../train/finetune/saveFinetuned.ts';
import type { FinetuneSettings } from '../../train/finetune/settings.ts';
import { collectGarbage } from '../../train/run/collectGarbage.ts';
import { readLog } from '../../train/run/log/log.ts';
import { writeReport } from '../../train/run/report/writeReport.ts';
import { explained } from '../data/samples.ts';
import { InterruptedError } from '../support/errors.ts';
import { type CliIo, note, print, printJson } from '../support/io.ts';
import { sessionFlags } from '../support/options.ts';
import { chosenState } from '../train/chosenState.ts';
import { memoryFlags } from '../train/memoryCheck.ts';
import { trainReport } from '../train/progressLines.ts';
import { saveTrained } from '../train/saveTrained.ts';
import { measuring } from './best.ts';
import type { FinetuneOptions } from './options.ts';
import type { Prepared } from './prepared.ts';
import { BEFORE } from './record.ts';
import { printBeforeAfter } from './table.ts';

/** States are saved five times in a run, and at least so often. */
const SAVES = 5;
const MOST_STEPS_UNSAVED = 250;

async function evaluate(
  path: string,
  { data, model }: Prepared,
  { threads, device, offline }: FinetuneOptions,
) {
  if (data.validation.length === 0) return undefined;
  const { preprocessor } = model;
  const maxNumPatches = preprocessor.kind === 'naflex' ? preprocessor.maxNumPatches : undefined;
  const encoder = await load(path, { threads, device, offline, maxNumPatches });
  try {
    return await evaluateDescribed(encoder, data.validation, data.classes);
  } finally {
    await encoder.dispose();
  }
}

/** The result of the model before it is trained, kept in the run: a run that goes on does not compute it again. */
async function evaluateBefore(prepared: Prepared, options: FinetuneOptions, io: CliIo) {
  const path = join(prepared.runDir, BEFORE);
  if (existsSync(path)) return describedSchema.parse(await readJson(path));
  if (prepared.data.validation.length > 0) note(io, 'evaluating the model as it is');
  const result = await evaluate(prepared.model.path, prepared, options);
  if (result) await writeJson(path, result);
  return result;
}

/** Of what a run is, that which training takes. */
const settingsOf = ({
  freeze,
  batch,
  chunk,
  steps,
  learningRate,
  weightDecay,
  warmupSteps,
  seed,
}: Prepared['record']): FinetuneSettings => ({
  ...{ freeze, batch, chunk, steps },
  ...{ learningRate, weightDecay, warmupSteps, seed },
});

interface Trained {
  readonly step: number;
  /** Folder of the model, once the run is finished. */
  readonly model?: string;
  readonly before: DescribedResult | undefined;
  /** The step that the model is of, where the best was looked for. */
  readonly best?: number;
  /** The type of the model, where it is not the one that was asked for. */
  readonly savedAs?: FloatDType;
}

async function runTraining(
  prepared: Prepared,
  options: FinetuneOptions,
  signal: AbortSignal,
  io: CliIo,
): Promise<Trained> {
  const { model, data, record, runDir } = prepared;
  const before = await evaluateBefore(prepared, options, io);
  const report = trainReport(io, options.json, () => data.tally.report().bad);
  const saveEvery = options.saveEvery ?? Math.min(MOST_STEPS_UNSAVED, Math.ceil(record.steps / SAVES));
  const { keep = 'last' } = record;
  const evaluated = (path: string) => evaluate(path, prepared, options);
  try {
    const result = await finetune(model, data.train, settingsOf(record), {
      ...(keep === 'best' && { heldOut: measuring(prepared, options, saveEvery, evaluated, io) }),
      runDir,
      ...(prepared.lock && { lock: prepared.lock }),
      saveEvery,
      signal,
      tally: data.tally,
      session: { threads: options.threads, device: options.device },
      onNotice: (message) => note(io, message),
      onProgress: (progress) => report.step(progress),
    }).catch((error: unknown) => {
      throw explained(error);
    });
    if (!result.finished) return { step: result.step, before };
    const output = join(options.output, 'model');
    const { step, state } = await chosenState(result, keep, io);
    const savedAs = await saveTrained(
      (instead) => saveFinetuned(output, model, state, instead ?? options.saveAs, step),
      runDir,
      io,
    );
    if (hasDecoder(output) && !record.freeze.includes('image')) note(io, UNTRAINED_DECODER);
    return {
      step: result.step,
      model: output,
      before,
      ...(keep === 'best' && { best: step }),
      ...(savedAs && { savedAs }),
    };
  } finally {
    report.end();
    // What there is to see of a run that was stopped or failed too; a failure to draw it must not hide another.
    await writeReport(runDir).catch(() => undefined);
  }
}

const UNTRAINED_DECODER =
  'the decoder is kept as it was: it knows the image tower from before, so captions and boxes may be worse. With --freeze image they stay the same';

/** What to say of a run whose loss did not fall; undefined where it did, or where too few steps say nothing. */
function warningOf(losses: readonly number[], learningRate: number): string | undefined {
  const change = lossChange(losses);
  if (change === undefined || change.fell) return undefined;
  const { first, last, rose } = change;
  const remedy = rose
    ? `try a lower --learning-rate, such as ${Number((learningRate / 5).toPrecision(2))}`
    : `try a higher --learning-rate, such as ${Number((learningRate * 5).toPrecision(2))}, or more steps (--epochs)`;
  return `warning: the loss did not fall (${first.toPrecision(3)} in the first steps, ${last.toPrecision(3)} in the last), so the model learnt little; ${remedy}, in another --output`;
}

const lossesOf = async (runDir: string): Promise<number[]> =>
  (await readLog(runDir)).flatMap(({ loss }) => (typeof loss === 'number' ? [loss] : []));

const again = ({ model, data, output, run, annotations, ...session }: FinetuneOptions): string =>
  [
    'siglip2 finetune',
    ...(model === undefined ? [] : ['--model', model]),
    '--data',
    ...data,
    ...(annotations ? ['--annotations', ...annotations] : []),
    '--output',
    output,
    ...(run === undefined ? [] : ['--run', run]),
    ...memoryFlags(session),
    ...sessionFlags(session),
  ].join(' ');

/**
 * Evaluates, trains, saves the model and evaluates again.
 * @throws InterruptedError when the run was stopped; it says how to go on
 */
export async function trainAndReport(
  prepared: Prepared,
  options: FinetuneOptions,
  signal: AbortSignal,
  io: CliIo,
): Promise<void> {
  const { json } = options;
  const { step, model, before, best, savedAs } = await runTraining(prepared, options, signal, io);
  if (model === undefined) {
    throw new InterruptedError(
      `stopped ${step > 0 ? `after step ${step}, which is saved` : 'before the first step'}; continue with: ${again(options)}`,
    );
  }
  const warning = warningOf(await lossesOf(prepared.runDir), prepared.record.learningRate);
  if (warning !== undefined) note(io, warning);
  // What was trained with would else lie beside the model that is evaluated.
  collectGarbage();
  const after = await evaluate(model, prepared, options);
  const bad = prepared.data.tally.report();
  const { skipped } = prepared.data;
  if (json)
    printJson(io, {
      finished: true,
      step,
      model,
      ...(best !== undefined && { best }),
      ...(savedAs && { savedAs }),
      before,
      after,
      bad,
      skipped,
      ...(warning !== undefined && { warning }),
    });
  else {
    if (isNoteworthy(bad)) note(io, tallyText(bad));
    if (before && after) printBeforeAfter(io, before, after);
    print(io, `${step} steps done; the model is in ${model}`);
  }
}
