import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, asyncProperty, integer, record, uniqueArray } from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type BulkSettings, bulk, type Part } from '../../../src/cli/bulk/bulk.ts';
import { tryTogether } from '../../../src/cli/bulk/imagePart.ts';
import { type Stamped, vectorCodec } from '../../../src/cli/bulk/results.ts';
import { BadInputsError, InterruptedError } from '../../../src/cli/support/errors.ts';
import type { CliIo } from '../../../src/cli/support/io.ts';
import { progressBar } from '../../../src/cli/support/progress.ts';
import { NotFiniteError } from '../../../src/encoder/towers/finiteOutputs.ts';
import { temporaryFolder } from '../models.ts';

const folder = temporaryFolder();

function testIo() {
  const written = { out: '', err: '' };
  let interrupt = () => {};
  const io: CliIo = {
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    stdin: (async function* () {})(),
    onInterrupt(listener) {
      interrupt = listener;
      return () => {};
    },
  };
  return { io, written, interrupt: () => interrupt() };
}

interface Work {
  readonly count: number;
  readonly groupSize: number;
  /** Places of bad inputs. */
  readonly bad: readonly number[];
}

/** Squares of places; the sum over the group shows with whom an input was worked on. */
function squares({ count, groupSize, bad }: Work, onGroup: (names: readonly string[]) => void) {
  const part: Part<Stamped, Float32Array> = {
    kind: 'image',
    total: count,
    reads: () => Array.from({ length: count }, (_, i) => ({ input: { name: `${i}`, stamp: '' } })),
    groupSize,
    async work(group) {
      onGroup(group.map(({ name }) => name));
      const sum = group.reduce((total, { name }) => total + Number(name), 0);
      return group.map(({ name }) =>
        bad.includes(Number(name))
          ? { bad: { reason: 'undecodable', key: name, source: 'set', detail: 'is torn' } }
          : { value: Float32Array.of(Number(name) ** 2, sum) },
      );
    },
  };
  return part;
}

const settings = (path: string, maxBad = 1): BulkSettings<Float32Array> => ({
  output: { path, format: 'jsonl' },
  json: true,
  maxBad,
  identity: { command: 'test' },
  codec: vectorCodec,
  form: {
    columns: [],
    rows: () => [],
    lines: ({ name }, value) => [{ name, value: Array.from(value) }],
  },
  print: () => {},
  summary: (count) => `${count} squares`,
});

describe('work through many inputs', () => {
  it('that is stopped after any group and goes on gives the bytes of unbroken work, for any sizes', async () => {
    const sizes = record({
      count: integer({ min: 1, max: 40 }),
      groupSize: integer({ min: 1, max: 13 }),
      bad: uniqueArray(integer({ min: 0, max: 40 }), { maxLength: 6 }),
      stopAt: integer({ min: 1, max: 6 }),
    });
    await assert(
      asyncProperty(sizes, async ({ stopAt, ...work }) => {
        if (work.bad.filter((place) => place < work.count).length === work.count) return;
        const [whole, broken] = [join(folder, 'whole.jsonl'), join(folder, 'broken.jsonl')];
        const seen: string[] = [];
        await bulk(testIo().io, settings(whole), (part) => part(squares(work, () => {})));
        for (let start = 0; !existsSync(broken); start++) {
          expect(start).toBeLessThan(50);
          const { io, interrupt } = testIo();
          let groups = 0;
          const part = squares(work, (names) => {
            seen.push(...names);
            if (++groups === stopAt) interrupt();
          });
          await bulk(io, settings(broken), (run) => run(part)).catch((error: unknown) => {
            expect(error).toBeInstanceOf(InterruptedError);
            expect(existsSync(`${broken}.part`)).toBe(true);
          });
        }
        expect(await readFile(broken, 'utf8')).toBe(await readFile(whole, 'utf8'));
        // Nothing was done twice.
        expect(seen).toEqual(Array.from({ length: work.count }, (_, i) => `${i}`));
        expect(existsSync(`${broken}.part`)).toBe(false);
        await rm(broken);
        await rm(`${broken}.bad.jsonl`, { force: true });
      }),
      { numRuns: 20 },
    );
  });

  it('writes what is good, says what is bad, and fails past the share that is allowed', async () => {
    const path = join(folder, 'share.jsonl');
    const work = { count: 10, groupSize: 4, bad: [2, 7] };
    const { io, written } = testIo();
    await expect(
      bulk(io, settings(path, 0.1), (part) => part(squares(work, () => {}))),
    ).rejects.toBeInstanceOf(BadInputsError);
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(8);
    expect(JSON.parse(written.out)).toMatchObject({
      count: 8,
      bad: { read: 10, bad: 2, reasons: { undecodable: { count: 2 } } },
    });
    const bad = (await readFile(`${path}.bad.jsonl`, 'utf8')).trim().split('\n');
    expect(bad.map((line) => JSON.parse(line).input)).toEqual(['2', '7']);
    // What is good is kept: when one was repaired, only the bad ones are tried.
    const seen: string[] = [];
    const repaired = squares({ ...work, bad: [7] }, (names) => seen.push(...names));
    await bulk(testIo().io, settings(path, 0.1), (part) => part(repaired));
    expect(seen).toEqual(['2', '7']);
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(9);
    expect(existsSync(`${path}.part`)).toBe(false);
    // The next good one takes the list away.
    await bulk(testIo().io, settings(path), (part) => part(squares({ ...work, bad: [] }, () => {})));
    expect(existsSync(`${path}.bad.jsonl`)).toBe(false);
  });

  it('writes nothing where everything is bad', async () => {
    const path = join(folder, 'none.jsonl');
    const work = { count: 3, groupSize: 2, bad: [0, 1, 2] };
    await expect(bulk(testIo().io, settings(path), (part) => part(squares(work, () => {})))).rejects.toThrow(
      /none of the 3 inputs can be used; the first is 0: is torn/,
    );
    expect([path, `${path}.part`].filter(existsSync)).toEqual([]);
  });

  it('keeps what is done when the work fails', async () => {
    const path = join(folder, 'fails.jsonl');
    const failing = squares({ count: 9, groupSize: 2, bad: [] }, (names) => {
      if (names.includes('4')) throw new Error('out of luck');
    });
    await expect(bulk(testIo().io, settings(path), (part) => part(failing))).rejects.toThrow('out of luck');
    const seen: string[] = [];
    const { io, written } = testIo();
    await bulk(io, settings(path), (run) =>
      run(squares({ count: 9, groupSize: 2, bad: [] }, (names) => seen.push(...names))),
    );
    expect(seen).toEqual(['4', '5', '6', '7', '8']);
    expect(written.err).toContain('continuing: 4 results of an earlier start');
  });
});

it('one input for which the model answers NaN is bad; the others of its group are not', async () => {
  const inputs = ['a', 'b', 'c'].map((name) => ({ name, stamp: '' }));
  const work = async (group: readonly Stamped[]) => {
    if (group.some(({ name }) => name === 'b')) throw new NotFiniteError('image_embeds', 1);
    return group.map(() => ({ value: group.length }));
  };
  expect(await tryTogether(inputs, work)).toEqual([
    { value: 1 },
    { bad: { reason: 'not-finite', key: 'b', source: '', detail: expect.stringContaining('holds NaN') } },
    { value: 1 },
  ]);
  const failing = async () => Promise.reject(new Error('out of luck'));
  await expect(tryTogether(inputs, failing)).rejects.toThrow('out of luck');
});

describe('progress', () => {
  it('without a terminal is a line every 30 seconds, with rate and time to go', () => {
    vi.useFakeTimers();
    try {
      const { io, written } = testIo();
      const bar = progressBar(io, 'images');
      for (let done = 0; done <= 100; done++) {
        bar.update(done, 200);
        vi.advanceTimersByTime(1000);
      }
      bar.end();
      expect(written.err.trim().split('\n')).toEqual([
        'images 30/200  1/s  ETA 2m50s',
        'images 60/200  1/s  ETA 2m20s',
        'images 90/200  1/s  ETA 1m50s',
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('of work whose end nobody knows has no time to go', () => {
    vi.useFakeTimers();
    try {
      const { io, written } = testIo();
      const bar = progressBar(io, 'images');
      bar.update(5, undefined);
      vi.advanceTimersByTime(31_000);
      bar.update(36, undefined);
      expect(written.err).toBe('images 36  1/s\n');
    } finally {
      vi.useRealTimers();
    }
  });
});
