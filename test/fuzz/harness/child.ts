/**
 * Reads inputs in a process of its own: it may hang, die or take all memory. What it is at stands in a file, which is
 * right whatever becomes of the process. Started by `watch.ts`.
 * @module
 */
import { openSync, readFileSync, writeSync } from 'node:fs';
import { findTarget } from '../targets.ts';
import { faultOf } from './faultOf.ts';
import { inputAt } from './inputAt.ts';
import { jobSchema, type News } from './job.ts';
import { type FuzzTarget, MEMORY, type Reader } from './target.ts';

const job = jobSchema.parse(JSON.parse(process.argv[2] ?? ''));
const progress = openSync(job.progress, 'w');
let index = -1;

/** Waits until it is out. */
const tell = (news: News): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(news, undefined, undefined, () => resolve());
  });

async function report(fault: string | undefined, error?: unknown): Promise<void> {
  if (fault !== undefined)
    await tell({ fault, index, stack: error instanceof Error ? String(error.stack) : '' });
}

// What nobody waits for is nobody's answer.
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, async (error) => {
    await report(`${event}: ${String(error)}`, error);
    process.exit(1);
  });

const mebibytes = (): { now: number; peak: number } => ({
  now: process.memoryUsage.rss() / 2 ** 20,
  peak: process.resourceUsage().maxRSS / 1024,
});

async function readOne(target: FuzzTarget, reader: Reader, input: Uint8Array): Promise<string> {
  writeSync(progress, String(index).padEnd(20), 0);
  const before = mebibytes();
  let outcome: string;
  try {
    outcome = `read: ${await reader.read(input)}`;
  } catch (error) {
    outcome = `refused: ${String(error)}`;
    await report(faultOf(error), error);
  }
  const { peak } = mebibytes();
  const most = target.memory ?? MEMORY;
  // A peak that is older than this input says nothing about it.
  if (peak > before.peak && peak - before.now > most)
    await report(`took ${Math.round(peak - before.now)} MiB, more than ${most}`);
  return outcome;
}

const target = await findTarget(job.target);
const seeds = await target.seeds();
const reader = await target.start(job.folder);
// An input that waits for ever ends the process, as it would a user's.
process.channel?.unref();
if (job.inputs) {
  for (index = job.from; index < job.inputs.length; index++)
    await tell({ outcome: await readOne(target, reader, readFileSync(job.inputs[index]!)), index });
} else {
  for (index = job.from; index < job.from + job.count && Date.now() < job.until; index++)
    await readOne(target, reader, inputAt(job.target, target, seeds, job.seed, index));
}
await reader.close?.();
await tell({ next: index });
process.exit(0);
