import { tallyText } from '../../../data/samples/tally.ts';
import { skippedText } from '../../../data/sources/folder/listFolder.ts';
import { emptiedText } from '../../../search/indexing/listing/missing.ts';
import type { IndexSummary } from '../../../search/indexing/options.ts';
import { partlyReadText } from '../../../search/indexing/summary/partlyRead.ts';
import { areFew } from '../../bulk/report.ts';
import { BadInputsError } from '../../support/errors.ts';
import { type CliIo, note, print, printJson } from '../../support/io.ts';

/** What a summary is of. */
export interface IndexTitle {
  readonly name: string;
  readonly model: string;
  /** Pictures of the collection now. */
  readonly pictures: number;
}

/** `12 new, 3 moved, 1 bad`: what there is, in words. */
export function filesText({ files, bad }: IndexSummary): string {
  const words = Object.entries({ ...files, bad: bad.bad }).filter(([, count]) => count > 0);
  const named = words.map(([fate, count]) =>
    fate === 'later' ? `${count} left for later (being written)` : `${count} ${fate}`,
  );
  return named.length === 0 ? 'no pictures' : named.join(', ');
}

/** Whether anything became of files, or is wrong with any. */
export const isNews = ({ files: { unchanged, later, ...files }, bad, emptied }: IndexSummary): boolean =>
  Object.values(files).some((count) => count > 0) || bad.bad > 0 || emptied.length > 0;

/** Says what a call did; as JSON it is one object. */
export function reportIndex(io: CliIo, title: IndexTitle, summary: IndexSummary, json: boolean): void {
  if (json) {
    printJson(io, { ...title, ...summary });
    return;
  }
  if (summary.bad.bad > 0) note(io, tallyText(summary.bad, 'files'));
  if (summary.partly.count > 0) note(io, partlyReadText(summary.partly));
  const left = [skippedText(summary.skipped), summary.excluded > 0 && `${summary.excluded} by --exclude`];
  const text = left.filter(Boolean).join(', ');
  if (text !== '') note(io, `left out: ${text}`);
  for (const folder of summary.emptied) note(io, `${emptiedText(folder)}; --drop-emptied drops them`);
  print(io, `${title.name}: ${title.pictures} pictures (${filesText(summary)})`);
}

/** @throws BadInputsError when more files were bad than allowed */
export function assertFewBadFiles({ bad }: IndexSummary, maxBad: number): void {
  if (areFew(bad, maxBad)) return;
  throw new BadInputsError(
    `${bad.bad} of ${bad.read} files are bad, more than --max-bad ${maxBad}; the others are in the collection. Repair them, which are then tried again, or allow more with --max-bad`,
  );
}
