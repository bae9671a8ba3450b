import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { appendFile, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { saveTinyModel, temporaryFolder } from '../cli/models.ts';
import { cli } from '../cli/testIo.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/siglip2.js', import.meta.url));
const folder = temporaryFolder();
const PICTURES = join(folder, 'pictures');
const COUNT = 80;
const path = (name: string) => join(folder, name);
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Big enough that a group takes a while to decode. */
const picture = (i: number) =>
  sharp({ create: { width: 400, height: 300, channels: 3, background: { r: i, g: 255 - i, b: 99 } } })
    .png()
    .toBuffer();

beforeAll(async () => {
  mkdirSync(PICTURES);
  for (let i = 0; i < COUNT; i++) await writeFile(join(PICTURES, `${i}.png`), await picture(i));
  // The group that is cut by the stop has a bad one too.
  await writeFile(join(PICTURES, '70.png'), 'no picture');
});

/** Runs a command in a process of its own, and sends it a signal once its journal has the first group. */
async function stopped(args: readonly string[], journal: string, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, by) => resolve({ code, signal: by }));
  });
  // A line of the header alone has some 100 bytes.
  const watch = setInterval(() => {
    if (sizeOf(journal) < 1000) return;
    clearInterval(watch);
    child.kill(signal);
  }, 2);
  const result = await ended;
  clearInterval(watch);
  return { ...result, err };
}

describe('embed in the middle of its work', () => {
  const args = (output: string) => [
    ...['embed', PICTURES, '--text', 'a cat', '--output', output],
    ...['--max-bad', '0.02', '--threads', '1'],
  ];
  const whole = path('whole.safetensors');

  it.each([
    ['SIGKILL', { code: null, signal: 'SIGKILL', err: '' }],
    ['SIGINT', { code: 130, signal: null, err: expect.stringMatching(/kept in .*\.part: the same command/) }],
  ] as const)('%s, and the same command: the file of an unbroken run, byte for byte', async (signal, how) => {
    const output = path(`${signal}.safetensors`);
    if (sizeOf(whole) === 0) expect((await cli(args(whole))).code).toBe(0);
    expect(await stopped(args(output), `${output}.part`, signal)).toEqual(how);
    expect(sizeOf(output)).toBe(0);
    // What a kill in the middle of a line leaves.
    await appendFile(`${output}.part`, '0123abcd [{"kind":"ima');
    const { code, out, err } = await cli(args(output));
    expect([code, out]).toEqual([0, expect.stringContaining(`${COUNT} embeddings of 192 values in`)]);
    expect(err).toMatch(/continuing: \d+ results of an earlier start/);
    expect(err).toMatch(/1 of 81 inputs are bad:\n {2}undecodable: 1\n {4}.*70\.png: is not an image/);
    expect((await readFile(output)).equals(await readFile(whole))).toBe(true);
    expect(sizeOf(`${output}.part`)).toBe(0);
  });

  it('a changed picture is done again, another model or command is refused', async () => {
    const output = path('changed.jsonl');
    // With more bad ones than allowed, results wait in the journal too.
    expect((await cli([...args(output), '--max-bad', '0'])).code).toBe(3);
    const other = await cli([...args(output), '--model', await saveTinyModel(path('model'))]);
    expect(other.code).toBe(1);
    expect(other.err).toMatch(/\.part holds results of a run with another model/);
    const score = await cli(['score', '--image', PICTURES, '--text', 'a', '--output', output]);
    expect(score.err).toMatch(/with another command, another texts/);
    await writeFile(join(PICTURES, '0.png'), await picture(200));
    await utimes(join(PICTURES, '0.png'), 1, 1);
    const { err, code } = await cli(args(output));
    expect(code).toBe(0);
    expect(err).toContain('1 kept result not used: those inputs were changed');
    const rows = (await readFile(output, 'utf8')).trim().split('\n');
    expect(rows).toHaveLength(COUNT);
    const [now] = (await cli(['embed', join(PICTURES, '0.png'), '--json', '--threads', '1'])).json();
    const { input, embedding } = JSON.parse(rows[0]!);
    expect(input).toBe(now!['input']);
    // In another group sums may be rounded in another order.
    for (const [i, value] of (now!['embedding'] as number[]).entries())
      expect(embedding[i]).toBeCloseTo(value, 5);
  });
});

it.runIf(process.platform === 'linux')('standard output on a full disk is an error in one line', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [PROGRAM, 'embed', '--text', 'a'], {
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^siglip2: standard output cannot be written \(ENOSPC.*\)\n$/),
  ]);
});

it('a command line of 60 kB, as a glob of a large folder gives it, does not end the process', async () => {
  // The environment of a user: the runtime leaves out its telemetry where tests run.
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  const args = [PROGRAM, 'embed', '--json', '--text', 'x'.repeat(60_000)];
  const [code, signal] = await once(spawn(process.execPath, args, { env, stdio: 'ignore' }), 'close');
  expect([code, signal]).toEqual([0, null]);
});
