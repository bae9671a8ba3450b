import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fuzz, tryInputs } from '../fuzz/harness/fuzz.ts';
import { inputAt } from '../fuzz/harness/inputAt.ts';
import { findTarget, TARGETS } from '../fuzz/targets.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-fuzz-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ODD = join(import.meta.dirname, '../fuzz/oddTarget.ts');
const FOUND = join(import.meta.dirname, '../fuzz/fixtures');

/** What is noticed of inputs that do what they say. */
async function faultsOf(...words: string[]): Promise<Record<string, string>> {
  const paths = words.map((word) => {
    const path = join(folder, word);
    writeFileSync(path, word);
    return path;
  });
  const { faults } = await tryInputs(ODD, paths);
  return Object.fromEntries(faults.map(({ index, fault }) => [words[index]!, fault]));
}

describe('fuzzing', () => {
  it('notices what is no answer in words, goes on behind it, and finds nothing where all is well', async () => {
    const faults = await faultsOf(
      ...['read', 'slip', 'refuse', 'engine', 'large', 'die', 'hang', 'wait', 'later', 'read'],
    );
    expect(faults).toEqual({
      slip: expect.stringContaining('SyntaxError'),
      engine: expect.stringContaining('Invalid array length'),
      large: expect.stringMatching(/^took \d+ MiB, more than 64/),
      die: 'ends the process with SIGABRT',
      hang: 'hangs: no end after 1.5 s',
      wait: 'ends the process with code 13',
      later: expect.stringContaining('uncaughtException'),
    });
  });

  it('gives the same inputs for the same seed, and keeps what failed', async () => {
    for (const name of Object.keys(TARGETS)) {
      const target = await findTarget(name);
      const [seeds, again] = [await target.seeds(), await target.seeds()];
      expect(again).toEqual(seeds);
      for (const index of [0, 50, 51, 52]) {
        const input = inputAt(name, target, seeds, 1, index);
        expect(inputAt(name, target, again, 1, index), `${name} ${index}`).toEqual(input);
      }
      expect(inputAt(name, target, seeds, 2, 50)).not.toEqual(inputAt(name, target, seeds, 1, 50));
    }
    const { inputs, faults } = await fuzz(ODD, { seconds: 0, inputs: 60, seed: 3 });
    expect(inputs).toBe(60);
    expect(faults).toEqual([]);
  });

  it.each(readdirSync(FOUND))('%s: what was found once is answered in words', async (name) => {
    const files = readdirSync(join(FOUND, name)).map((file) => join(FOUND, name, file));
    const { faults } = await tryInputs(name, files, 4);
    expect(faults.map(({ index, fault }) => `${files[index]}: ${fault}`)).toEqual([]);
  });
});
