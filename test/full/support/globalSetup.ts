import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MODELS_VARIABLE } from '../releasedModel.ts';
import { notedPeaks } from './memory.ts';

/** Gives the run a folder for its models, removes it afterwards unless the caller named one, and says time and memory. */
export default function setup(): () => void {
  const started = performance.now();
  const kept = process.env[MODELS_VARIABLE];
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'siglip2-full-'));
  process.env[MODELS_VARIABLE] = folder;
  rmSync(join(folder, 'peaks.jsonl'), { force: true });
  return () => {
    const peaks = notedPeaks();
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
    const seconds = Math.round((performance.now() - started) / 1000);
    for (const { what, gigabytes } of peaks.slice(0, 5))
      process.stdout.write(`${gigabytes.toFixed(1).padStart(6)} GB at most in ${what}\n`);
    process.stdout.write(`The whole suite took ${Math.floor(seconds / 60)} min ${seconds % 60} s.\n`);
  };
}
