import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { runBench } from '../../bench/bench.ts';
import { matrixShare } from '../../bench/operatorShares.ts';
import { resultsSchema } from '../../bench/result.ts';

it('every row of the benchmark that needs no peer measures with tiny shapes', async () => {
  const only = ['image', 'train', 'load', 'preprocess', 'tokenize', 'profile'];
  const results = await runBench({ quick: true, peers: false, threads: 1, only, command: 'test' });
  expect(resultsSchema.parse(JSON.parse(JSON.stringify(results)))).toEqual(results);
  expect(results.rows.map(({ id }) => id)).toEqual([
    ...['image-1', 'image-2', 'train-tower', 'train'],
    ...['load-process', 'load', 'load-memory', 'preprocess', 'tokenize'],
  ]);
  for (const { lanes, compute, id } of results.rows) {
    expect(lanes[0]!.value, id).toBeGreaterThan(0);
    if (compute) expect(compute.share, id).toBeGreaterThan(0);
    const missing = lanes.slice(1).map((lane) => lane.missing);
    for (const command of missing) expect(command, id).toMatch(/^(npm ci|pip install)/);
  }
  expect(results.profiles.length).toBeGreaterThan(0);
  for (const profile of results.profiles) expect(matrixShare(profile)).toBeGreaterThan(0);
});

const run = promisify(execFile);
const script = async (name: string, ...args: readonly string[]): Promise<string> =>
  (await run(process.execPath, ['--import', 'tsx', `bench/${name}.ts`, ...args])).stdout;

it('holds a device to the CPU', async () => {
  const out = await script('device', 'cpu', '--quick');
  // One processor, one graph: not a bit apart.
  expect(out.match(/differs from the CPU by 0\.0e\+0/g)).toHaveLength(3);
  expect(out).toMatch(/loss of 20 training steps: [\d.]+, on the CPU [\d.]+, at most 0\.0e\+0 apart/);
  expect(out).toMatch(/training step of the image tower, batch 2: [\d.]+ ms/);
});

it('trains a large batch in chunks', async () => {
  const out = await script('largeBatch', '--batch', '64', '--chunk', '16', '--steps', '2', '--threads', '1');
  expect(out).toMatch(/^64 pairs, 16 images a chunk: estimated [\d.]+ GB/);
  expect(out.match(/^step \d: loss [\d.]+, gradient norm [\d.]+/gm)).toHaveLength(2);
});
