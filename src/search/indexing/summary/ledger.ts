import { badRead } from '../../../data/samples/badRead.ts';
import { badImage } from '../../../data/samples/decodeSample.ts';
import type { BadSample } from '../../../data/samples/sample.ts';
import { createTally, type TallyReport } from '../../../data/samples/tally.ts';
import { pathRemedy } from '../../../input/pathRemedy.ts';

/**
 * What can become of a file: `replaced` has other content than was known of its path, `embedded` had no vectors of this
 * model or was read again, `copied` has the bytes of another file, `touched` has another time alone, `later` is being written and waits for
 * the next call.
 */
export type FileFate =
  | 'new'
  | 'replaced'
  | 'embedded'
  | 'moved'
  | 'copied'
  | 'touched'
  | 'unchanged'
  | 'dropped'
  | 'later';

const FATES: readonly FileFate[] = [
  'new',
  'replaced',
  'embedded',
  'moved',
  'copied',
  'touched',
  'unchanged',
  'dropped',
  'later',
];

/** Counts what becomes of files. */
export interface Ledger {
  /** @param count files. Default 1 */
  good(fate: FileFate, count?: number): void;
  bad(path: string, reason: string): void;
  badSample(sample: BadSample): void;
  embedded(pictures: number): void;
  /** Files that are done, whatever became of them, beside those that are unchanged or dropped. */
  readonly done: number;
  report(): LedgerReport;
}

export interface LedgerReport {
  readonly files: Readonly<Record<FileFate, number>>;
  /** Pictures that the model embedded. */
  readonly embedded: number;
  readonly bad: TallyReport;
}

/** Bad files of a reason that the report names. */
const EXAMPLES = 10;

/** The report of a file, by the words in which it was said why it is bad. */
function badFile(path: string, reason: string): BadSample {
  if (/holds NaN or infinity/.test(reason)) return badRead('', path, 'not-finite', reason).bad!;
  return badImage({ source: '', key: path, image: path }, new Error(`${path}: ${reason}`));
}

export function createLedger(onChange: () => void = () => {}): Ledger {
  const files = Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<FileFate, number>;
  const tally = createTally({ maxRate: 1, examples: EXAMPLES });
  let embedded = 0;
  let done = 0;
  let good = 0;
  const ledger: Ledger = {
    good(fate, count = 1) {
      files[fate] += count;
      if (fate === 'dropped') return;
      // Counted, not told one by one: there may be a million.
      good += count;
      if (fate === 'unchanged') return;
      done += count;
      onChange();
    },
    bad: (path, reason) => ledger.badSample(badFile(path, reason)),
    badSample(sample) {
      tally.bad(sample);
      done++;
      onChange();
    },
    embedded(pictures) {
      embedded += pictures;
    },
    get done() {
      return done;
    },
    report() {
      const bad = tally.report();
      return { files: { ...files }, embedded, bad: { ...bad, read: bad.read + good } };
    },
  };
  return ledger;
}

/** Why nothing can be known of a listed path. */
export const faultText = (path: string, fault: string): string =>
  fault === 'is not a file'
    ? 'is not a file: give the path of an image file.'
    : `can't be read (${fault}): ${pathRemedy(path)}.`;
