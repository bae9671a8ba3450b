import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Task } from './engines/task.ts';
import type { ProfileResult } from './result.ts';

/** Events of the runtime's chrome trace; `ts` and `dur` in µs. */
const traceSchema = z.array(
  z.object({
    cat: z.string(),
    name: z.string(),
    ts: z.number(),
    dur: z.number(),
    args: z.object({ op_name: z.string().optional() }).loose().optional(),
  }),
);
type Trace = z.output<typeof traceSchema>;

const MATRIX_PRODUCTS = new Set([
  'MatMul',
  'FusedMatMul',
  'Gemm',
  'FusedGemm',
  'MultiHeadAttention',
  'Attention',
]);

/** Operators that run a graph of their own; its kernels are part of their time. */
const CONTROL_FLOW = new Set(['Scan', 'Loop', 'If']);

/** Kernels that are not inside another one's time: operators run one after the other. */
function outermost(kernels: Trace): Trace {
  // A parent starts with its first child or before it, and ends later.
  const ordered = kernels.toSorted((a, b) => a.ts - b.ts || b.dur - a.dur);
  let parentEnd = Number.NEGATIVE_INFINITY;
  return ordered.filter(({ ts, dur, args }) => {
    if (ts < parentEnd) return false;
    if (CONTROL_FLOW.has(args?.op_name ?? '')) parentEnd = ts + dur;
    return true;
  });
}

/** Adds up the kernels of the trace's last run by operator, the longest first. */
export function operatorShares(title: string, trace: Trace): ProfileResult {
  const runs = trace.filter(({ cat, name }) => cat === 'Session' && name === 'model_run');
  const last = runs.toSorted((a, b) => a.ts - b.ts).at(-1);
  if (!last) throw new Error('the profile holds no run');
  const kernels = outermost(
    trace.filter(({ cat, name, ts }) => cat === 'Node' && name.endsWith('_kernel_time') && ts >= last.ts),
  );
  const sums = new Map<string, { calls: number; ms: number }>();
  for (const { args, dur } of kernels) {
    const name = args?.op_name ?? 'unknown';
    const { calls, ms } = sums.get(name) ?? { calls: 0, ms: 0 };
    sums.set(name, { calls: calls + 1, ms: ms + dur / 1000 });
  }
  const operators = [...sums].map(([name, sum]) => ({ name, ...sum, share: sum.ms / (last.dur / 1000) }));
  return { title, totalMs: last.dur / 1000, operators: operators.toSorted((a, b) => b.ms - a.ms) };
}

/** Share of the time that matrix products take, attention included. */
export const matrixShare = ({ operators }: ProfileResult): number =>
  operators.filter(({ name }) => MATRIX_PRODUCTS.has(name)).reduce((total, { share }) => total + share, 0);

/**
 * Profiles the third run of a task.
 * @param create builds the task with a session that writes its profile under a path prefix when it is disposed
 */
export async function profileTask(
  title: string,
  create: (prefix: string) => Promise<Task>,
): Promise<ProfileResult> {
  const folder = await mkdtemp(join(tmpdir(), 'siglip2-profile-'));
  try {
    const task = await create(join(folder, 'run'));
    for (let i = 0; i < 3; i++) await task.run();
    await task.dispose?.();
    const file = (await readdir(folder)).find((name) => name.endsWith('.json'));
    if (!file) throw new Error('the session wrote no profile');
    return operatorShares(title, traceSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))));
  } finally {
    await rm(folder, { recursive: true });
  }
}
