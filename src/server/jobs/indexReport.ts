import type { ReasonReport } from '../../data/samples/tally.ts';
import { skippedText } from '../../data/sources/folder/listFolder.ts';
import { emptiedText } from '../../search/indexing/listing/missing.ts';
import type { IndexSummary } from '../../search/indexing/options.ts';
import type { Job } from './job.ts';

/** Files that are named for each reason. */
const EXAMPLES = 10;

/** What became of files, in the order in which it is told. */
const FATES: Readonly<Record<keyof IndexSummary['files'], string>> = {
  new: 'new',
  replaced: 'replaced',
  embedded: 'embedded again',
  moved: 'moved',
  copied: 'copies of others',
  touched: 'touched',
  unchanged: 'unchanged',
  dropped: 'gone',
  later: 'left for later (being written)',
};

/** What indexing did, in a sentence: `120 new, 3 gone; left out: 2 .txt`. */
export function summaryText({ files, bad, partly, skipped, excluded, emptied }: IndexSummary): string {
  const fates = Object.entries(FATES).flatMap(([fate, word]) => {
    const count = Object.entries(files).find(([name]) => name === fate)?.[1] ?? 0;
    return count > 0 ? [`${count} ${word}`] : [];
  });
  const counted = [
    ...fates,
    ...(bad.bad > 0 ? [`${bad.bad} that can't be read`] : []),
    ...(partly.count > 0 ? [`${partly.count} read in part alone`] : []),
  ];
  const left = [skippedText(skipped), excluded > 0 ? `${excluded} by patterns` : ''].filter(Boolean);
  const sentences = [
    counted.length > 0 ? counted.join(', ') : 'no pictures',
    ...(left.length > 0 ? [`left out: ${left.join(', ')}`] : []),
    ...emptied.map(emptiedText),
  ];
  return sentences.join('; ');
}

const reasonOf = ([reason, { count, examples }]: [string, ReasonReport]) => ({
  reason,
  count,
  examples: examples
    .slice(0, EXAMPLES)
    .map(({ key, detail }) => (detail.includes(key) ? detail : `${key}: ${detail}`)),
});

/** Files that cannot be read, or in part alone, by reason. */
export function problemsOf({ bad, partly }: IndexSummary): NonNullable<Job['problems']> {
  const reasons = Object.entries(bad.reasons).map(reasonOf);
  if (partly.count === 0) return reasons;
  return [
    ...reasons,
    {
      reason: 'read in part alone',
      count: partly.count,
      examples: partly.examples.slice(0, EXAMPLES).map(({ path, missing }) => `${path}: ${missing}`),
    },
  ];
}
