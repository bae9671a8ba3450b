import { rm } from 'node:fs/promises';
import { writeAtomic } from '../../checkpoint/files/atomic.ts';
import type { BadSample } from '../../data/samples/sample.ts';
import { type TallyReport, tallyText } from '../../data/samples/tally.ts';
import { type Skipped, skippedText } from '../../data/sources/folder/listFolder.ts';
import { BadInputsError } from '../support/errors.ts';
import { type CliIo, note, print, printJson } from '../support/io.ts';
import { writeLines } from './formats/textLines.ts';

/** What became of all inputs. */
export interface BulkReport {
  readonly tally: TallyReport;
  /** All of them, in order. */
  readonly bad: readonly BadSample[];
  readonly skipped: Skipped;
}

/** Where an output's bad inputs are listed. */
const badBeside = (output: string): string => `${output}.bad.jsonl`;

/** Lists bad inputs beside an output, and removes the list of an earlier one where there are none. */
async function writeBad(output: string, bad: readonly BadSample[]): Promise<void> {
  const path = badBeside(output);
  if (bad.length === 0) return rm(path, { force: true });
  const lines = bad.map(({ key, source, reason, detail }) =>
    JSON.stringify({ input: key, source, reason, detail }),
  );
  await writeAtomic(path, (file) => writeLines(file, lines));
}

/** @throws Error where there was nothing, or nothing that could be used: there is nothing to write then */
export function assertSomeGood({ tally, bad }: BulkReport): void {
  if (tally.read === 0) throw new Error('there are no inputs: the list or the shards are empty');
  if (tally.bad === 0 || tally.bad < tally.read) return;
  const [first] = bad;
  if (bad.length === 1) throw new Error(`${first!.key}: ${first!.detail}`);
  throw new Error(
    `none of the ${tally.read} inputs can be used; the first is ${first!.key}: ${first!.detail}`,
  );
}

export interface ReportOptions {
  readonly json: boolean;
  /** The output, where there is one. */
  readonly output: string | undefined;
  readonly files: readonly string[];
  /** What was written, for people: `5 embeddings of 768 values`. */
  readonly summary: (count: number) => string;
  /** More fields of the JSON summary. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Says what was written, what was bad, by reason and with names, and what was left out. As JSON it is one object; without
 * an output it goes to standard error, and only where something was bad or left out.
 */
export async function report(
  io: CliIo,
  { tally, bad, skipped }: BulkReport,
  { json, output, files, summary, fields }: ReportOptions,
): Promise<void> {
  const count = tally.read - tally.bad;
  const left = skippedText(skipped);
  if (output !== undefined) await writeBad(output, bad);
  if (json) {
    if (output !== undefined) printJson(io, { output, files, count, ...fields, bad: tally, skipped });
    // Results are a line each on standard output, and nothing else is.
    else if (bad.length > 0 || left !== '')
      note(io, JSON.stringify({ count, ...fields, bad: tally, skipped }));
    return;
  }
  if (bad.length > 0) note(io, tallyText(tally, 'inputs'));
  if (bad.length > 0 && output !== undefined) note(io, `all of them: ${badBeside(output)}`);
  if (left !== '') note(io, `left out: ${left}`);
  if (output !== undefined) print(io, `${summary(count)} in ${files.join(' and ')}`);
}

/** Whether no more inputs are bad than allowed. */
export const areFew = ({ read, bad }: TallyReport, maxBad: number): boolean => bad <= maxBad * read;

/** @throws BadInputsError when more were bad than allowed */
export function assertFewBad(tally: TallyReport, maxBad: number, output: string | undefined): void {
  if (areFew(tally, maxBad)) return;
  const { read, bad } = tally;
  const rest =
    output === undefined
      ? 'the results of the others are printed'
      : `the results of the others are in ${output}`;
  const again = output === undefined ? '' : ' and do the same again, which tries only them';
  throw new BadInputsError(
    `${bad} of ${read} inputs are bad, more than --max-bad ${maxBad}; ${rest}. Repair them${again}, or allow more with --max-bad`,
  );
}
