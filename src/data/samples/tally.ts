import { check, optional, settings as settingsOf, share, wholeNumber } from '../../tensor/settings.ts';
import type { BadReason, BadSample, Sample } from './sample.ts';

export interface TallySettings {
  /** Largest share of bad reads, 0 … 1, with which a run goes on. Default 0.1. */
  readonly maxRate?: number;
  /** Reads before the share is judged: the first few may be unlucky. Default 1000. */
  readonly minimum?: number;
  /** Bad samples kept for the report, per reason. Default 3. */
  readonly examples?: number;
}

const tallySchema = settingsOf<TallySettings>({
  maxRate: optional(share),
  minimum: optional(wholeNumber),
  examples: optional(wholeNumber),
});

/** What was read so far. A sample that is read twice counts twice. */
export interface TallyReport {
  readonly read: number;
  readonly bad: number;
  readonly reasons: Readonly<Partial<Record<BadReason, ReasonReport>>>;
  /** Samples that are used without a part of their metadata. Absent where there are none. */
  readonly odd?: OddReport;
}

export interface OddReport {
  readonly count: number;
  /** The first ones. */
  readonly examples: readonly Omit<BadSample, 'reason'>[];
}

export interface ReasonReport {
  readonly count: number;
  /** The first ones. */
  readonly examples: readonly BadSample[];
}

/** What of a sample is told of. */
export type TalliedSample = Pick<Sample, 'source' | 'key' | 'odd'>;

export interface Tally {
  /** @param sample where it may have been read without a part of its metadata */
  good(sample?: TalliedSample): void;
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
 * @example
 * const tally = createTally();
 * for await (const sample of readSource(await imageFolder('photos'), tally)) console.log(sample.key);
 * console.log(tally.report().bad);
 */
export function createTally(settings: TallySettings = {}): Tally {
  check('tally', tallySchema, settings);
  const { maxRate = 0.1, minimum = 1000, examples = 3 } = settings;
  let read = 0;
  let bad = 0;
  const odd = { count: 0, examples: [] as Omit<BadSample, 'reason'>[] };
  const reasons = new Map<BadReason, { count: number; examples: BadSample[] }>();
  const report = (): TallyReport => ({
    read,
    bad,
    reasons: Object.fromEntries(
      [...reasons].map(([reason, { count, examples }]) => [reason, { count, examples: [...examples] }]),
    ),
    ...(odd.count > 0 && { odd: { count: odd.count, examples: [...odd.examples] } }),
  });
  return {
    good(sample) {
      read++;
      if (!sample?.odd) return;
      odd.count++;
      const { source, key } = sample;
      if (odd.examples.length < examples) odd.examples.push({ source, key, detail: sample.odd.join('; ') });
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
const placeOf = ({ source, key }: Pick<BadSample, 'source' | 'key'>): string =>
  key.startsWith(source) ? key : `${source}: ${key}`;

/**
 * The report for people: a line of totals, then one per reason with its first examples.
 * @param what the counted things are called. Default `samples`.
 * @example
 * const tally = createTally();
 * console.log(tallyText(tally.report(), 'photos'));
 */
export function tallyText({ read, bad, reasons, odd }: TallyReport, what = 'samples'): string {
  const lines = Object.entries(reasons)
    .sort(([, a], [, b]) => b.count - a.count)
    .map(([reason, { count, examples }]) => {
      const shown = examples.map((one) => `    ${placeOf(one)}: ${one.detail}`);
      const more = count > examples.length ? [`    and ${count - examples.length} more`] : [];
      return [`  ${reason}: ${count}`, ...shown, ...more].join('\n');
    });
  return [`${bad} of ${read} ${what} are bad${lines.length > 0 ? ':' : ''}`, ...lines, ...oddLines(odd)].join(
    '\n',
  );
}

function oddLines(odd: OddReport | undefined): string[] {
  if (!odd) return [];
  const shown = odd.examples.map((one) => `  ${placeOf(one)}: ${one.detail}`);
  const more = odd.count > odd.examples.length ? [`  and ${odd.count - odd.examples.length} more`] : [];
  return [`${odd.count} used without a part of their metadata:`, ...shown, ...more];
}

/** Whether a report says anything that a user should read. */
export const isNoteworthy = ({ bad, odd }: TallyReport): boolean => bad > 0 || odd !== undefined;
