import { lossParts } from '../../train/losses/registry.ts';
import type { Evaluated } from '../../train/run/evaluation/scheduled.ts';
import { createNotices } from '../../train/run/log/notices.ts';
import type { TrainProgress } from '../../train/run/trainer.ts';
import { type CliIo, note, printJson } from '../support/io.ts';
import { bar, formatDuration, statusLine } from '../support/progress.ts';

/** Where no terminal is, a line every ten seconds. */
const LOG_INTERVAL = 10_000;

/** `sigmoid 2.10` for each part of the loss; nothing where there is only one, which is the loss itself. */
function partsOf({ metrics }: TrainProgress): string[] {
  const parts = lossParts().flatMap((name) => {
    const value = metrics[name];
    return value === undefined ? [] : [`${name} ${value.toPrecision(3)}`];
  });
  return parts.length > 1 ? parts : [];
}

/** The first parts in brackets, after the loss. */
function formatParts(parts: readonly string[], shown: number): string {
  if (parts.length === 0 || shown === 0) return '';
  return ` (${[...parts.slice(0, shown), ...(shown < parts.length ? ['…'] : [])].join(', ')})`;
}

/** @param shown how many parts of the loss are named */
function formatProgress(
  progress: TrainProgress,
  stage = '',
  bad = 0,
  shown = Number.POSITIVE_INFINITY,
): string {
  const { step, totalSteps, loss, stepsPerSecond, eta, idle } = progress;
  const pace = `${stepsPerSecond.toPrecision(3)} steps/s  ETA ${formatDuration(eta)}`;
  const losses = `loss ${loss.toFixed(4)}${formatParts(partsOf(progress), shown)}`;
  return `${stage && `${stage}  `}step ${step}/${totalSteps}  ${losses}  ${pace}  waiting for data ${(100 * idle).toFixed(0)} %${bad > 0 ? `  ${bad} bad samples` : ''}`;
}

/** The line for a terminal: a bar and everything else or, where that is too wide, as many parts of the loss as fit. */
function terminalLine(
  progress: TrainProgress,
  stage: string | undefined,
  bad: number,
  width: number,
): string {
  const text = (shown?: number) => formatProgress(progress, stage, bad, shown);
  const withBar = (line: string) => `${bar(progress.step / progress.totalSteps)} ${line}`;
  const whole = withBar(text());
  if (whole.length <= width) return whole;
  // The count of steps says what the bar shows, so the bar makes room first; time to go is never pushed out.
  const narrower = partsOf(progress).map((_, i, { length }) => text(length - i));
  return narrower.find((line) => line.length <= width) ?? withBar(text(0));
}

/**
 * Shows progress as JSON lines, as a bar, or as a line now and then; what a stage's steps have to say, once.
 * @param badSamples how many samples could not be used so far
 */
export function trainReport(io: CliIo, json: boolean, badSamples: () => number = () => 0) {
  const line = statusLine(io);
  let logged = Number.NEGATIVE_INFINITY;
  const newNotice = createNotices();
  return {
    step(progress: TrainProgress, stage?: string) {
      const notice = newNotice(progress.notice, stage);
      if (notice !== undefined && !json) {
        line.clear();
        note(io, `${stage ? `${stage}  ` : ''}step ${progress.step}: ${notice}`);
      }
      const last = progress.step === progress.totalSteps;
      if (json) {
        const bad = badSamples();
        const { notice: _, ...values } = progress;
        const said = { ...(bad > 0 && { bad }), ...(notice !== undefined && { notice }) };
        printJson(io, { ...(stage && { stage }), ...values, ...said });
      } else if (io.stderr.isTTY) {
        line.draw((width) => terminalLine(progress, stage, badSamples(), width), last);
      } else if (last || performance.now() - logged > LOG_INTERVAL) {
        logged = performance.now();
        note(io, formatProgress(progress, stage, badSamples()));
      }
    },
    /** Says what evaluators gave. */
    evaluation({ step, metrics, seconds }: Evaluated, stage?: string) {
      if (json) return printJson(io, { ...(stage && { stage }), step, evaluation: metrics, seconds });
      line.clear();
      const shown = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
      note(io, `${stage ? `${stage}  ` : ''}step ${step}: ${shown.join(', ')}  (${seconds.toFixed(1)} s)`);
    },
    end: line.clear,
  };
}
