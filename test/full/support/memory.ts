import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MODELS_VARIABLE } from '../releasedModel.ts';

/** What whoever runs the suite, and whoever trains a B/16, has to have. */
export const LIMIT_GB = 12;

const peakSchema = z.object({ what: z.string(), gigabytes: z.number() });
export type Peak = z.output<typeof peakSchema>;

const fileOf = (): string | undefined => {
  const folder = process.env[MODELS_VARIABLE];
  return folder === undefined ? undefined : join(folder, 'peaks.jsonl');
};

/** Notes the highest resident memory of a process, for what the suite says at its end. */
export function notePeak(what: string, gigabytes: number): void {
  const file = fileOf();
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, gigabytes })}\n`);
}

/** All peaks of this run, the largest first. */
export function notedPeaks(): Peak[] {
  const file = fileOf();
  if (file === undefined || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => peakSchema.parse(JSON.parse(line))).sort((a, b) => b.gigabytes - a.gigabytes);
}

/** Highest resident memory of this process so far, in GB. VmHWM is this program's own. */
export function ownPeak(): number {
  try {
    return Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1e6;
  } catch {
    return process.resourceUsage().maxRSS / 1e6;
  }
}
