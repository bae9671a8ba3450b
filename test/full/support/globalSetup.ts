import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MODELS_VARIABLE } from '../releasedModel.ts';

/** Gives the run a folder for its models, removes it afterwards unless the caller named one, and says the time. */
export default function setup(): () => void {
  const started = performance.now();
  const kept = process.env[MODELS_VARIABLE];
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'siglip2-full-'));
  process.env[MODELS_VARIABLE] = folder;
  return () => {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stdout.write(`The whole suite took ${Math.floor(seconds / 60)} min ${seconds % 60} s.\n`);
  };
}
