import type { BadReason, BadSample } from './sample.ts';

export interface TallySettings {
  /** Largest share of bad reads, 0 … 1, with which a run goes on. Default 0.1. */
  readonly maxRate?: number;
  /** Reads before the share is judged: the first few may be unlucky. Default 1000. */
  readonly minimum?: number;
  /** Bad samples kept for the report, per reason. Default 3. */
  readonly examples?: number;
}

/** What was read so far. A sample that is read twice counts twice. */
export interface TallyReport {
  readonly read: number;
  readonly bad: number;
  readonly reasons: Readonly<Partial<Record<BadReason, ReasonReport>>>;
}

export interface ReasonReport {
  readonly count: number;
  /** The first ones. */
  readonly examples: readonly BadSample[];
}

export interface Tally {
  good(): void;
  /** @throws TooManyBadSamplesError when the share of bad reads is past the limit. */
  bad(sample: BadSample): void;
  report(): TallyReport;
}

/** So many samples are bad that the data, or how it is read, must be wrong. */
export class TooManyBadSamplesError extends Error {
  override readonly name = 'TooManyBadSamplesError';
  readonly report: TallyReport;
  constructor(report: TallyReport, maxRate: number) {
    super(
      `${tallyText(report)}\nMore than ${100 * maxRate} % are bad: repair the data, or allow more (maxRate).`,
    );
    this.report = report;
  }
}

/**
 * Counts bad samples by reason.
 * @throws RangeError when a setting is out of range.
 */
export function createTally(settings: TallySettings = {}): Tally {
  const { maxRate = 0.1, minimum = 1000, examples = 3 } = settings;
  if (!(maxRate >= 0 && maxRate <= 1))
    throw new RangeError(`maxRate is ${maxRate}; it must be between 0 and 1`);
  let read = 0;
  let bad = 0;
  const reasons = new Map<BadReason, { count: number; examples: BadSample[] }>();
  const report = (): TallyReport => ({
    read,
    bad,
    reasons: Object.fromEntries(
      [...reasons].map(([reason, { count, examples }]) => [reason, { count, examples: [...examples] }]),
    ),
  });
  return {
    good() {
      read++;
    },
    bad(sample) {
      read++;
      bad++;
      const entry = reasons.get(sample.reason) ?? { count: 0, examples: [] };
      entry.count++;
      const isNew = entry.examples.every(({ source, key }) => source !== sample.source || key !== sample.key);
      if (isNew && entry.examples.length < examples) entry.examples.push(sample);
      reasons.set(sample.reason, entry);
      if (read >= minimum && bad > maxRate * read) throw new TooManyBadSamplesError(report(), maxRate);
    },
    report,
  };
}

/** Where a sample lies: its key alone, where that says it. */
const placeOf = ({ source, key }: BadSample): string => (key.startsWith(source) ? key : `${source}: ${key}`);

/**
 * The report for people: a line of totals, then one per reason with its first examples.
 * @param what the counted things are called. Default `samples`.
 */
export function tallyText({ read, bad, reasons }: TallyReport, what = 'samples'): string {
  const lines = Object.entries(reasons)
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([reason, { count, examples }]) => {
      const shown = examples.map((one) => `    ${placeOf(one)}: ${one.detail}`);
      const more = count > examples.length ? [`    and ${count - examples.length} more`] : [];
      return [`  ${reason}: ${count}`, ...shown, ...more].join('\n');
    });
  return [`${bad} of ${read} ${what} are bad${lines.length > 0 ? ':' : ''}`, ...lines].join('\n');
}
