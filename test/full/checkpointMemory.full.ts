import { execFileSync } from 'node:child_process';
import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { temporaryDirectory } from '../checkpoint/temporary.ts';

const directory = temporaryDirectory();
const CHILD = join(import.meta.dirname, '../checkpoint/memoryChild.ts');
const TENSORS = 10;
const resultSchema = z.object({ growth: z.number(), kept: z.number() });

/** A file of `TENSORS` equal tensors whose data are holes: it costs no disk and no time to write. */
function makeFile(name: string, dtype: 'F32' | 'F16', elements: number): string {
  const path = join(directory, name);
  const bytes = elements * (dtype === 'F32' ? 4 : 2);
  const entries = Array.from({ length: TENSORS }, (_, i) => [
    `t${i}`,
    { dtype, shape: [elements], data_offsets: [i * bytes, (i + 1) * bytes] },
  ]);
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([length, json]));
  truncateSync(path, 8 + json.length + TENSORS * bytes);
  return path;
}

function run(job: string, path: string): { growth: number; kept: number } {
  const output = execFileSync(process.execPath, ['--import', 'tsx', CHILD, job, path], { encoding: 'utf8' });
  return resultSchema.parse(JSON.parse(output));
}

test('reading a whole file takes little more memory than the file', () => {
  const path = makeFile('wide.safetensors', 'F32', 2_500_000);
  const { size } = statSync(path);
  const { growth, kept } = run('read', path);
  expect(kept).toBe(TENSORS);
  // The data must be there, or the measurement is wrong (some MB less, where the process gives back what it held before);
  // 1.4 is the project's own limit.
  expect(growth / size).toBeGreaterThan(0.9);
  expect(growth / size).toBeLessThan(1.4);
});

test('widening while reading needs no second buffer', () => {
  const path = makeFile('narrow.safetensors', 'F16', 5_000_000);
  const wide = 2 * statSync(path).size;
  const { growth } = run('readFloat32', path);
  expect(growth / wide).toBeGreaterThan(0.9);
  expect(growth / wide).toBeLessThan(1.4);
});

test('copying a checkpoint does not hold it in memory', () => {
  const path = makeFile('copied.safetensors', 'F32', 5_000_000);
  const { size } = statSync(path);
  const { growth } = run('copy', path);
  expect(statSync(`${path}.copy`).size).toBeGreaterThan(size - 8);
  rmSync(`${path}.copy`);
  // One tensor is a tenth of the file; the collector frees earlier ones when it pleases.
  expect(growth / size).toBeLessThan(0.7);
});
