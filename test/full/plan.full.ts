import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MEMORY_CASES, measureCase } from '../../bench/stepMemory/cases.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('estimated memory', () => {
  // `npx tsx bench/stepMemory/measure.ts` measures all cases; these two are the least of them.
  it.each(['forks-1', 'finetune-least'])(
    'is within a tenth of what a run takes at its most: %s',
    async (name) => {
      const { estimated, measured } = await measureCase(MEMORY_CASES[name]!, join(folder, name));
      console.log(`${name}: estimated ${estimated.toFixed(2)} GB, measured ${measured.toFixed(2)} GB`);
      expect(measured).toBeLessThan(12);
      expect(measured / estimated).toBeGreaterThan(0.9);
      expect(measured / estimated).toBeLessThan(1.1);
    },
  );
});
