import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MEMORY_CASES, measureCase } from '../../bench/stepMemory/cases.ts';
import type { SizeName } from '../../src/model/variants.ts';
import { timelineCosts } from '../../src/train/cost/timelineCost.ts';
import { paperTimeline } from '../../src/train/timeline/paper.ts';

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

it.each<SizeName>(['base', 'large', 'so400m', 'giant-opt'])(
  'every stage of the paper’s %s is counted at its whole depth',
  (size) => {
    const timeline = paperTimeline(size);
    const costs = timelineCosts(timeline);
    expect(costs.map(({ name }) => name)).toEqual(timeline.stages.map(({ name }) => name));
    for (const { name, examples, flops, memory } of costs) {
      // More than the smallest model's forward pass on an image and a text.
      expect(flops! / examples!, name).toBeGreaterThan(1e10);
      expect(memory!.total, name).toBeGreaterThan(1e9);
    }
  },
);
