import { createInterface } from 'node:readline';
import { type Answer, MARK, type Request, requestSchema } from './protocol.ts';
import type { Read, Task, Tasks } from './task.ts';

const nothing: Read = () => [];

async function perform(request: Request, tasks: Tasks, prepared: Map<string, Task>): Promise<Read> {
  if (request.op === 'prepare') {
    const create = tasks[request.task];
    if (!create) throw new Error(`this engine has no task ${request.task}`);
    const task = await create(request.settings);
    prepared.set(request.key, task);
    return task.run();
  }
  const task = prepared.get(request.key);
  if (!task) throw new Error(`no task was prepared as ${request.key}`);
  if (request.op === 'run') return task.run();
  prepared.delete(request.key);
  await task.dispose?.();
  return nothing;
}

async function answer(line: string, tasks: Tasks, prepared: Map<string, Task>): Promise<Answer> {
  const start = performance.now();
  const costs = () => ({
    ms: performance.now() - start,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  });
  const request = requestSchema.parse(JSON.parse(line));
  try {
    const read = await perform(request, tasks, prepared);
    const spent = costs();
    return { ...spent, result: request.op === 'prepare' ? Array.from(read()) : [] };
  } catch (error) {
    return { ...costs(), result: [], error: error instanceof Error ? error.message : String(error) };
  }
}

/** Answers requests on standard input, one after the other, until it closes. */
export async function serve(tasks: Tasks): Promise<void> {
  const prepared = new Map<string, Task>();
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${MARK}${JSON.stringify(await answer(line, tasks, prepared))}\n`);
  }
  for (const task of prepared.values()) await task.dispose?.();
}
