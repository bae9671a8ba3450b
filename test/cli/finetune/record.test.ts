import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type FinetuneRecord, keepRecord } from '../../../src/cli/finetune/record.ts';
import { temporaryFolder } from '../temporary.ts';

const folder = temporaryFolder();
const record: FinetuneRecord = {
  model: 'm',
  fingerprint: 'f',
  validation: '0.1',
  freeze: [],
  batch: 4,
  chunk: 4,
  steps: 8,
  learningRate: 1e-5,
  weightDecay: 0,
  warmupSteps: 0,
  seed: 0,
};

it.each([
  [{ seed: 3 }, '--seed 0, not 3'],
  [{ weightDecay: 1e-4 }, '--weight-decay 0, not 0.0001'],
  [{ warmupSteps: 2 }, '--warmup 0, not 2'],
  [{ freeze: ['image'] as const }, '--freeze none, not image'],
])('says in which setting a run differs, with its value (%o)', async (change, said) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'finetune.json'), '{}');
  const asked = { ...record, ...change, freeze: [...('freeze' in change ? change.freeze : [])] };
  await expect(keepRecord(folder, asked, record)).rejects.toThrow(`holds a run with ${said}: leave`);
});
