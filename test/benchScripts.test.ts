import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const script = async (name: string, ...args: readonly string[]): Promise<string> =>
  (await run(process.execPath, ['--import', 'tsx', `bench/${name}.ts`, ...args])).stdout;

it('holds a device to the CPU', async () => {
  const out = await script('device', 'cpu', '--quick');
  // One processor, one graph: not a bit apart.
  expect(out.match(/differs from the CPU by 0\.0e\+0/g)).toHaveLength(3);
  expect(out).toMatch(/loss of 20 training steps: [\d.]+, on the CPU [\d.]+, at most 0\.0e\+0 apart/);
  expect(out).toMatch(/training step of the image tower, batch 2: [\d.]+ ms/);
}, 120_000);

it('trains a large batch in chunks', async () => {
  const out = await script('largeBatch', '--batch', '64', '--chunk', '16', '--steps', '2', '--threads', '1');
  expect(out).toMatch(/^64 pairs, 16 images a chunk: estimated [\d.]+ GB/);
  expect(out.match(/^step \d: loss [\d.]+, gradient norm [\d.]+/gm)).toHaveLength(2);
}, 120_000);
