import { dirname } from 'node:path';
import { z } from 'zod';
import { writingFile } from '../../checkpoint/files/atomic.ts';
import { removeLeftovers } from '../../checkpoint/files/leftovers.ts';
import { type HeldLock, takeLock } from '../../checkpoint/files/lock.ts';
import type { BadSample } from '../../data/samples/sample.ts';
import { type JournalFile, type LinePlace, openJournalFile, removeJournal } from './journalFile.ts';
import type { Codec, Named, Outcome, Result, Stamped } from './results.ts';

/** What results depend on besides their inputs, in words: all of it is the same, or the journal is another run's. */
export type Identity = Readonly<Record<string, string>>;

/** Where a result lies: in which line, and which of its. */
interface Place {
  readonly line: LinePlace;
  readonly index: number;
}

/** An outcome that an earlier start has left. */
export interface KeptOutcome {
  readonly place: Place;
  readonly bad: BadSample | undefined;
}

const headerSchema = z.object({ journal: z.literal(1), identity: z.record(z.string(), z.string()) });

const badSchema = z.object({
  reason: z.custom<BadSample['reason']>((reason) => typeof reason === 'string'),
  key: z.string(),
  source: z.string(),
  detail: z.string(),
});

const recordSchema = z.object({
  kind: z.enum(['image', 'text']),
  name: z.string(),
  stamp: z.string(),
  value: z.unknown().optional(),
  bad: badSchema.optional(),
});
type JournalRecord = z.infer<typeof recordSchema>;

const recordsSchema = z.array(recordSchema);

/** The end of a run that kept its journal, for its bad inputs to be repaired. */
const FINISHED = { finished: true } as const;
const finishedSchema = z.object({ finished: z.literal(true) });

/** Results on disk as they come, so that a stop loses none of them. */
export interface Journal<Value> {
  /** Results of earlier starts. */
  readonly kept: number;
  /** Results of earlier starts that nothing has asked for (yet). */
  unused(): number;
  /**
   * The next input in order: its outcome where an earlier start has it, or undefined: then it is computed and given to
   * `add`, in the same order.
   */
  expect(kind: Named['kind'], input: Stamped): KeptOutcome | undefined;
  /** The value of a good outcome. */
  valueOf(outcome: KeptOutcome): Promise<Value>;
  /** Outcomes of a group of inputs: all of them are kept, or none. */
  add(kind: Named['kind'], inputs: readonly Stamped[], outcomes: readonly Outcome<Value>[]): Promise<void>;
  /** All good results, in the order of the inputs. */
  results(): AsyncGenerator<Result<Value>>;
  /** All inputs are done: the next start tries the bad ones again, and only them. */
  markFinished(): Promise<void>;
  close(): Promise<void>;
  remove(): Promise<void>;
}

const keyOf = (kind: Named['kind'], { name, stamp }: Stamped): string => `${kind}\n${stamp}\n${name}`;

/** Which parts of two identities differ. */
const differing = (a: Identity, b: Identity): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);

/** Takes a journal for this process. @throws Error naming the process that has it */
async function takeJournal(path: string): Promise<HeldLock> {
  const lock = await writingFile(path, () => takeLock(`${path}.lock`));
  if (lock.kind === 'held') return lock;
  const who = lock.owner ? `process ${lock.owner.pid} on ${lock.owner.host}` : 'another process';
  throw new Error(
    `${path}: ${who} writes this output now; wait for its end or stop it, or use another --output`,
  );
}

/**
 * Opens the journal of an output, with what an earlier start has left in it, and removes what a killed one was writing.
 * @throws Error naming what differs, where it belongs to another command, model or options; or the process that has it
 */
export async function openJournal<Value>(
  path: string,
  identity: Identity,
  codec: Codec<Value>,
): Promise<Journal<Value>> {
  const lock = await takeJournal(path);
  try {
    await removeLeftovers(dirname(path));
    return await openLocked(path, lock, identity, codec);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLocked<Value>(
  path: string,
  lock: HeldLock,
  identity: Identity,
  codec: Codec<Value>,
): Promise<Journal<Value>> {
  const kept = new Map<string, KeptOutcome[]>();
  let count = 0;
  let header: Identity | undefined;
  const file = await openJournalFile(path, ({ value, at, length }) => {
    if (!header) {
      header = headerSchema.parse(value).identity;
      const other = differing(header, identity);
      if (other.length > 0) throw otherRun(path, other);
      return;
    }
    if (finishedSchema.safeParse(value).success) {
      count -= dropBad(kept);
      return;
    }
    for (const [index, record] of recordsSchema.parse(value).entries()) {
      const key = keyOf(record.kind, record);
      const one = { place: { line: { at, length }, index }, bad: record.bad };
      const same = kept.get(key);
      if (same) same.push(one);
      else kept.set(key, [one]);
      count++;
    }
  }).catch((error: unknown) => {
    throw error instanceof z.ZodError
      ? new Error(`${path}: is no journal: remove it`, { cause: error })
      : error;
  });
  if (!header) await file.append({ journal: 1, identity });
  return journalOver(path, lock, file, codec, kept, count);
}

/** Forgets bad outcomes, so that their inputs are tried again. @returns how many */
function dropBad(kept: Map<string, KeptOutcome[]>): number {
  let dropped = 0;
  for (const [key, outcomes] of kept) {
    const good = outcomes.filter(({ bad }) => !bad);
    dropped += outcomes.length - good.length;
    kept.set(key, good);
  }
  return dropped;
}

const otherRun = (path: string, other: readonly string[]): Error =>
  new Error(
    `${path} holds results of a run with another ${other.join(', another ')}: finish that run with its own command, ` +
      'or remove the file to start again',
  );

function journalOver<Value>(
  path: string,
  lock: HeldLock,
  file: JournalFile,
  codec: Codec<Value>,
  kept: Map<string, KeptOutcome[]>,
  count: number,
): Journal<Value> {
  const order: (Place | undefined)[] = [];
  let filled = 0;
  let used = 0;

  async function* results(): AsyncGenerator<Result<Value>> {
    let at = -1;
    let records: readonly JournalRecord[] = [];
    for (const place of order) {
      if (!place) continue;
      if (place.line.at !== at) records = recordsSchema.parse(await file.read(place.line));
      at = place.line.at;
      const { kind, name, value, bad } = records[place.index]!;
      if (!bad) yield { kind, name, value: codec.decode(value) };
    }
  }

  return {
    kept: count,
    unused: () => count - used,
    expect(kind, input) {
      const found = kept.get(keyOf(kind, input))?.shift();
      order.push(found?.place);
      if (found) used++;
      return found;
    },
    async add(kind, inputs, outcomes) {
      const records = inputs.map(({ name, stamp }, i) => {
        const { value, bad } = outcomes[i]!;
        return { kind, name, stamp, ...(bad ? { bad } : { value: codec.encode(value) }) };
      });
      const line = await file.append(records);
      for (let index = 0; index < records.length; index++) {
        while (order[filled]) filled++;
        order[filled] = { line, index };
      }
    },
    async valueOf({ place }) {
      const records = recordsSchema.parse(await file.read(place.line));
      return codec.decode(records[place.index]!.value);
    },
    results,
    markFinished: async () => void (await file.append(FINISHED)),
    async close() {
      await file.close();
      await lock.release();
    },
    remove: () => removeJournal(path),
  };
}
