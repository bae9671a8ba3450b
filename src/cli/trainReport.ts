import type { TrainProgress } from '../train/trainer.ts';
import { type CliIo, note, printJson } from './io.ts';
import { bar, formatDuration, statusLine } from './progress.ts';

/** Where no terminal is, a line every ten seconds. */
const LOG_INTERVAL = 10_000;

function formatProgress(
  { step, totalSteps, loss, stepsPerSecond, eta, idle }: TrainProgress,
  stage = '',
  bad = 0,
): string {
  const pace = `${stepsPerSecond.toPrecision(3)} steps/s  ETA ${formatDuration(eta)}`;
  return `${stage && `${stage}  `}step ${step}/${totalSteps}  loss ${loss.toFixed(4)}  ${pace}  waiting for data ${(100 * idle).toFixed(0)} %${bad > 0 ? `  ${bad} bad samples` : ''}`;
}

/**
 * Shows progress as JSON lines, as a bar, or as a line now and then.
 * @param badSamples how many samples could not be used so far
 */
export function trainReport(io: CliIo, json: boolean, badSamples: () => number = () => 0) {
  const line = statusLine(io);
  let logged = Number.NEGATIVE_INFINITY;
  return {
    step(progress: TrainProgress, stage?: string) {
      const last = progress.step === progress.totalSteps;
      if (json) {
        const bad = badSamples();
        printJson(io, { ...(stage && { stage }), ...progress, ...(bad > 0 && { bad }) });
      } else if (io.stderr.isTTY) {
        const share = progress.step / progress.totalSteps;
        line.draw(() => `${bar(share)} ${formatProgress(progress, stage, badSamples())}`, last);
      } else if (last || performance.now() - logged > LOG_INTERVAL) {
        logged = performance.now();
        note(io, formatProgress(progress, stage, badSamples()));
      }
    },
    end: line.clear,
  };
}
