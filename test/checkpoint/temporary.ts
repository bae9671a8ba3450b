import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A directory for one test file, removed when its tests are done. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'siglip2-checkpoint-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export const FIXTURES = join(import.meta.dirname, '../../parity/fixtures/checkpoint');
