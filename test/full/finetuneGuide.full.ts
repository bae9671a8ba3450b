import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runFinetuneGuide } from '../support/finetuneGuide.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-finetune-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('docs/finetune.md: every command works, the model gets better, and knows a bus', async () => {
  const [made, plan, result, labels] = await runFinetuneGuide(folder);
  expect(made).toMatch(/^183 pictures in 4 sub-folders/);
  expect(plan).toMatch(/^data {6}137 images in 4 classes, 46 held out\ntraining {2}24 steps of 17 pairs/);
  const [, before, after] = /top-1 \(46 images\) +([\d.]+) +([\d.]+)/.exec(result)!.map(Number);
  expect(after!, result).toBeGreaterThan(before! + 10);
  expect(labels.split('\n')[1]).toContain('traffic');
});
