import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runFinetuneGuide } from '../support/finetuneGuide.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-finetune-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('docs/finetune.md: the model gets better, and knows a bus', async () => {
  const [, , result, labels] = await runFinetuneGuide(folder);
  const [, before, after] = /top-1 \(46 images\) +([\d.]+) +([\d.]+)/.exec(result)!.map(Number);
  expect(after!, result).toBeGreaterThan(before! + 10);
  expect(labels.split('\n')[1]).toContain('traffic');
});
