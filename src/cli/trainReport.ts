import type { TrainProgress } from '../train/trainer.ts';
import { type CliIo, note, printJson } from './io.ts';
import { bar, formatDuration, statusLine } from './progress.ts';

/** Where no terminal is, a line every ten seconds. */
const LOG_INTERVAL = 10_000;

function formatProgress(
  { step, totalSteps, loss, stepsPerSecond, eta, idle }: TrainProgress,
  stage = '',
): string {
  const pace = `${stepsPerSecond.toPrecision(3)} steps/s  ETA ${formatDuration(eta)}`;
  return `${stage && `${stage}  `}step ${step}/${totalSteps}  loss ${loss.toFixed(4)}  ${pace}  waiting for data ${(100 * idle).toFixed(0)} %`;
}

/** Shows progress as JSON lines, as a bar, or as a line now and then. */
export function trainReport(io: CliIo, json: boolean) {
  const line = statusLine(io);
  let logged = Number.NEGATIVE_INFINITY;
  return {
    step(progress: TrainProgress, stage?: string) {
      const last = progress.step === progress.totalSteps;
      if (json) {
        printJson(io, stage ? { stage, ...progress } : progress);
      } else if (io.stderr.isTTY) {
        const share = progress.step / progress.totalSteps;
        line.draw(() => `${bar(share)} ${formatProgress(progress, stage)}`, last);
      } else if (last || performance.now() - logged > LOG_INTERVAL) {
        logged = performance.now();
        note(io, formatProgress(progress, stage));
      }
    },
    end: line.clear,
  };
}
