import type { BadSample } from '../../data/samples/sample.ts';
import { type CliIo, note, printJson } from '../support/io.ts';
import type { OutputForm } from './formats/outputForm.ts';
import { type OutputFormat, writeOutput } from './formats/writeOutput.ts';
import { type Identity, openJournal } from './journal.ts';
import type { Codec, Named, Outcome, Stamped } from './results.ts';

/** Where results go. */
export interface Sink<Value> {
  /** The next input in order: what an earlier start found of it, or undefined where it has to be worked on. */
  expect(kind: Named['kind'], input: Stamped): { readonly bad: BadSample | undefined } | undefined;
  /** @returns what prints the results, where they are printed */
  add(
    kind: Named['kind'],
    inputs: readonly Stamped[],
    outcomes: readonly Outcome<Value>[],
  ): Promise<(() => void) | undefined>;
  /** What is said when the work was stopped. */
  stopped(): string;
  /**
   * Puts the output in its place, after all inputs.
   * @param done whether nothing is left to repair: then what waited goes
   * @returns its files
   */
  finish(done: boolean): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Where an output lies, and what it is. */
export interface Output {
  readonly path: string;
  readonly format: OutputFormat;
}

/** Where the results of an output wait until it is whole. */
export const journalPath = (output: string): string => `${output}.part`;

const of = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Results that wait in a journal beside the output. */
export async function journaled<Value>(
  io: CliIo,
  { path, format }: Output,
  { identity, codec, form }: { identity: Identity; codec: Codec<Value>; form: OutputForm<Value> },
): Promise<Sink<Value>> {
  const waiting = journalPath(path);
  const journal = await openJournal(waiting, identity, codec);
  if (journal.kept > 0)
    note(io, `continuing: ${of(journal.kept, 'result')} of an earlier start in ${waiting}`);
  let added = 0;
  let finished = false;
  return {
    expect: journal.expect,
    async add(kind, inputs, outcomes) {
      await journal.add(kind, inputs, outcomes);
      added += outcomes.filter(({ bad }) => !bad).length;
      return undefined;
    },
    stopped: () =>
      `stopped; ${of(journal.kept + added, 'result')} are kept in ${waiting}: the same command continues`,
    async finish(done) {
      const unused = journal.unused();
      if (unused > 0)
        note(
          io,
          `${of(unused, 'kept result')} not used: those inputs were changed, or are not named any more`,
        );
      const files = await writeOutput(path, format, form, journal.results);
      finished = done;
      if (!done) await journal.markFinished();
      return files;
    },
    async close() {
      // Nothing is lost with a journal that has no results: bad inputs are found again in no time.
      if (finished || journal.kept + added === 0) await journal.remove();
      await journal.close();
    },
  };
}

/** Results that are printed as they come. */
export function printed<Value>(
  io: CliIo,
  { json, form, print }: { json: boolean; form: OutputForm<Value>; print(input: Named, value: Value): void },
): Sink<Value> {
  let count = 0;
  return {
    expect: () => undefined,
    async add(kind, inputs, outcomes) {
      return () => {
        for (const [i, { value, bad }] of outcomes.entries()) {
          if (bad) continue;
          const input = { kind, name: inputs[i]!.name };
          count++;
          if (!json) print(input, value);
          else for (const line of form.lines(input, value)) printJson(io, line);
        }
      };
    },
    stopped: () => `stopped after ${of(count, 'result')}; with --output a stopped command can go on`,
    finish: async () => [],
    close: async () => {},
  };
}
