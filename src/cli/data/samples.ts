import type { BadSample, Sample } from '../../data/samples/sample.ts';
import { createTally, type TallyReport, TooManyBadSamplesError } from '../../data/samples/tally.ts';
import { readSource } from '../../data/sources/readSource.ts';
import type { Source } from '../../data/sources/source.ts';
import { InterruptedError } from '../support/errors.ts';
import { type CliIo, note } from '../support/io.ts';

/** The samples of a source from its start, in its order; bad ones are told of and left out. */
export const samplesOf = (source: Source, onBad: (bad: BadSample) => void): AsyncGenerator<Sample> =>
  readSource(source, { good() {}, bad: onBad });

/** Counts the samples of a whole set, and ends the command when too many of them are bad. */
export interface SampleCheck {
  /** @throws Error when too many were bad so far, of enough to judge by. */
  readonly onBad: (bad: BadSample) => void;
  /**
   * Passes on samples that turned out good. Read it once, to the end.
   * @throws Error at the end when too many of all were bad, however few there are
   */
  through(samples: AsyncIterable<Sample>): AsyncGenerator<Sample>;
  report(): TallyReport;
}

/** Reads before the share is judged with more to come, as in `finetune`. */
const MINIMUM = 100;

/** @param maxBad largest share of bad samples with which the command succeeds */
export function sampleCheck(maxBad: number): SampleCheck {
  const tally = createTally({ maxRate: maxBad, minimum: MINIMUM });
  return {
    onBad(bad) {
      try {
        tally.bad(bad);
      } catch (error) {
        throw explained(error);
      }
    },
    async *through(samples) {
      for await (const sample of samples) {
        tally.good(sample);
        yield sample;
      }
      const report = tally.report();
      if (report.bad > maxBad * report.read) throw explained(new TooManyBadSamplesError(report, maxBad));
    },
    report: tally.report,
  };
}

/** Passes samples on until the user stops the command. */
export interface Stop {
  /** @throws InterruptedError in place of the next sample, once the command is stopped */
  through<T>(samples: AsyncIterable<T>): AsyncGenerator<T>;
  /** Stops listening. */
  end(): void;
}

/** @param kept says what of the work is kept */
export function stopOnSignal(io: CliIo, kept: () => string): Stop {
  let stopped = false;
  const end = io.onInterrupt(() => {
    note(io, '\nstopping after the current sample; press again to stop at once');
    stopped = true;
  });
  return {
    async *through(samples) {
      for await (const sample of samples) {
        if (stopped) throw new InterruptedError(kept());
        yield sample;
      }
    },
    end,
  };
}

/** That too many samples are bad, in words of the command line; any other error as it is. */
export function explained(error: unknown): unknown {
  if (!(error instanceof TooManyBadSamplesError)) return error;
  const { read, bad, reasons } = error.report;
  const counts = Object.entries(reasons)
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([reason, { count, examples }]) => {
      const shown = examples.slice(0, 1).map(({ source, key, detail }) => ` (${source}: ${key}: ${detail})`);
      return `${reason}: ${count}${shown.join('')}`;
    });
  return new Error(
    `${bad} of ${read} samples are bad, most often ${counts.join(', then ')}. Repair them, or allow more with --max-bad`,
    { cause: error },
  );
}
