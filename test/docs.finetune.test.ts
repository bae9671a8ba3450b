import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runFinetuneGuide } from './support/finetuneGuide.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-finetune-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// With two steps instead of 24; test/full/finetuneGuide.full.ts trains as the guide says.
it('docs/finetune.md: every command works', async () => {
  const [made, plan, result, labels] = await runFinetuneGuide(folder, ['--steps', '2', '--warmup', '0']);
  expect(made).toMatch(/^183 pictures in 4 sub-folders/);
  expect(plan).toMatch(/^data {6}137 images in 4 classes, 46 held out\ntraining {2}24 steps of 17 pairs/);
  expect(result).toMatch(/top-1 \(46 images\) +[\d.]+ +[\d.]+/);
  for (const name of ['mammals', 'fruit', 'traffic', 'clothes']) expect(labels).toContain(name);
}, 300_000);
