import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder that is removed after the test file. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'siglip2-cli-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
