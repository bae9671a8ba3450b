import type { BadSample } from '../../data/samples/sample.ts';
import { createTally } from '../../data/samples/tally.ts';
import { addSkipped, type Skipped } from '../../data/sources/folder/listFolder.ts';
import { InterruptedError } from '../support/errors.ts';
import { type CliIo, note } from '../support/io.ts';
import { progressBar } from '../support/progress.ts';
import type { OutputForm } from './formats/outputForm.ts';
import type { Identity } from './journal.ts';
import { areFew, assertFewBad, assertSomeGood, report } from './report.ts';
import type { Codec, Named, Outcome, Stamped } from './results.ts';
import { journaled, type Output, printed, type Sink } from './sinks.ts';

/** An input, or what is wrong with it. */
export type PartRead<Input> =
  | { readonly input: Input; readonly bad?: undefined }
  | { readonly bad: BadSample; readonly input?: undefined };

/** Inputs of one kind, and what is done with them. */
export interface Part<Input extends Stamped, Value> {
  readonly kind: Named['kind'];
  /** Undefined where nobody knows it before the end. */
  readonly total?: number | undefined;
  /** What the lister left out. */
  readonly skipped?: Skipped;
  reads(): AsyncIterable<PartRead<Input>> | Iterable<PartRead<Input>>;
  /** Inputs that are worked on together, and whose results are kept together. */
  readonly groupSize: number;
  /** The outcome of each input of a group, in their order. */
  work(group: readonly Input[]): Promise<readonly Outcome<Value>[]>;
}

export interface BulkSettings<Value> {
  readonly output: Output | undefined;
  readonly json: boolean;
  /** Largest share of bad inputs with which the command succeeds. */
  readonly maxBad: number;
  /** What results depend on besides their inputs. */
  readonly identity: Identity;
  readonly codec: Codec<Value>;
  readonly form: OutputForm<Value>;
  /** Prints one result for people. */
  print(input: Named, value: Value): void;
  /** What was written, for people: `5 embeddings of 768 values`. */
  summary(count: number): string;
  /** More fields of the JSON summary. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Takes the parts one after another, in the order of the output. */
export type RunPart<Value> = <Input extends Stamped>(part: Part<Input, Value>) => Promise<void>;

/** Bad inputs of a reason that the report names. */
const EXAMPLES = 10;

/**
 * Works through inputs: results are printed as they come, or kept in a journal beside the output, `OUTPUT.part`, with
 * which the same command goes on after a stop; the output appears when all is done. Bad inputs are left out and reported
 * at the end. The first signal ends the work after the group at hand.
 * @throws InterruptedError when it was stopped; Error when every input is bad; BadInputsError, after all else is done,
 *   when more were bad than allowed
 */
export async function bulk<Value>(
  io: CliIo,
  settings: BulkSettings<Value>,
  run: (part: RunPart<Value>) => Promise<void>,
): Promise<void> {
  const { output, json, maxBad, summary, fields = {} } = settings;
  const sink = output ? await journaled(io, output, settings) : printed(io, settings);
  const tally = createTally({ maxRate: 1, examples: EXAMPLES });
  const bad: BadSample[] = [];
  const skipped: Skipped[] = [];
  const watch: Watch = {
    good: tally.good,
    bad(one) {
      tally.bad(one);
      bad.push(one);
    },
    stopped: false,
  };
  const stopListening = io.onInterrupt(() => {
    note(io, '\nstopping after the current inputs; press again to stop at once');
    watch.stopped = true;
  });
  try {
    await run(async (part) => {
      if (part.skipped) skipped.push(part.skipped);
      await runPart(io, part, sink, watch);
    });
    const all = { tally: tally.report(), bad, skipped: addSkipped(skipped) };
    assertSomeGood(all);
    const files = await sink.finish(areFew(all.tally, maxBad));
    await report(io, all, { json, output: output?.path, files, summary, fields });
    assertFewBad(all.tally, maxBad, output?.path);
  } finally {
    stopListening();
    await sink.close();
  }
}

/** Counts inputs, and knows whether to stop. */
interface Watch {
  good(): void;
  bad(one: BadSample): void;
  stopped: boolean;
}

async function runPart<Input extends Stamped, Value>(
  io: CliIo,
  part: Part<Input, Value>,
  sink: Sink<Value>,
  watch: Watch,
): Promise<void> {
  const { kind, total, groupSize } = part;
  const bar = progressBar(io, `${kind}s`);
  let done = 0;
  let group: Input[] = [];

  function count(bad: BadSample | undefined): void {
    if (bad) watch.bad(bad);
    else watch.good();
    done++;
  }

  async function work(): Promise<void> {
    bar.update(done, total);
    const outcomes = await part.work(group);
    const show = await sink.add(kind, group, outcomes);
    for (const { bad } of outcomes) count(bad);
    if (show) {
      bar.end();
      show();
    }
    bar.update(done, total);
    group = [];
  }

  const checkStop = () => {
    if (watch.stopped) throw new InterruptedError(sink.stopped());
  };
  try {
    for await (const { input, bad } of part.reads()) {
      checkStop();
      const known = input ? sink.expect(kind, input) : { bad };
      if (known) count(known.bad);
      else group.push(input!);
      if (group.length === groupSize) await work();
    }
    checkStop();
    if (group.length > 0) await work();
    checkStop();
  } finally {
    bar.end();
  }
}
