import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';

const CHILD = join(import.meta.dirname, 'stepMemoryChild.ts');
const resultSchema = z.object({ growth: z.number(), planned: z.number() });

/** Trains some steps in a process of their own, and expects that they take the memory that was planned. */
export function expectPlanned(batch: number, chunk: number, least: number): void {
  const args = ['--import', 'tsx', CHILD, String(batch), String(chunk)];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const { growth, planned } = resultSchema.parse(JSON.parse(output));
  expect(planned).toBeGreaterThan(least);
  expect(growth / planned).toBeGreaterThan(0.8);
  expect(growth / planned).toBeLessThan(1.5);
}
