import { describe, expect, it } from 'vitest';
import type { CliIo } from '../../../src/cli/support/io.ts';
import { checkMemory, largestStage } from '../../../src/cli/train/memoryCheck.ts';
import { variantConfig } from '../../../src/model/variants.ts';
import { assertMemory, MemoryError, memoryNotice } from '../../../src/train/cost/assertMemory.ts';
import { cgroupLimit, memoryHierarchies, parseLimit } from '../../../src/train/cost/machine/cgroupLimit.ts';
import { machineMemory } from '../../../src/train/cost/machine/machineMemory.ts';
import { passingBytes } from '../../../src/train/cost/passing.ts';
import { contrastiveObjective } from '../../../src/train/losses/sigmoid/contrastive.ts';
import type { Stage } from '../../../src/train/run/stage.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';

const GB = 1e9;
const V2 = '0::/user.slice/run.scope\n';
const V1 = '12:cpu,cpuacct:/job\n4:memory:/docker/0123\n1:name=systemd:/\n';
const files =
  (entries: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    entries[path];
const of = (cgroup: string, entries: Readonly<Record<string, string>>) =>
  cgroupLimit(files({ '/proc/self/cgroup': cgroup, ...entries }));

describe('the limit of control groups', () => {
  it('is that of version 2, the least on the way up', () => {
    const own = '/sys/fs/cgroup/user.slice/run.scope/memory.max';
    expect(of(V2, { [own]: '4000000000\n' })).toBe(4 * GB);
    expect(of(V2, { [own]: '4000000000\n', '/sys/fs/cgroup/user.slice/memory.max': '3000000000\n' })).toBe(
      3 * GB,
    );
    expect(of(V2, { [own]: 'max\n' })).toBeUndefined();
  });

  it('is that of version 1, where the group’s path is the host’s and only the root can be read', () => {
    expect(of(V1, { '/sys/fs/cgroup/memory/memory.limit_in_bytes': '2000000000\n' })).toBe(2 * GB);
    expect(of(V1, { '/sys/fs/cgroup/memory/docker/0123/memory.limit_in_bytes': '1000000000\n' })).toBe(GB);
    // The number that stands for no limit.
    expect(
      of(V1, { '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' }),
    ).toBeUndefined();
  });

  it('is the least of both versions’ where a machine has both', () => {
    expect(memoryHierarchies(V1 + V2).map(({ root }) => root)).toEqual([
      '/sys/fs/cgroup/memory',
      '/sys/fs/cgroup',
    ]);
    const both = {
      '/sys/fs/cgroup/memory.max': '2000000000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '3000000000\n',
    };
    expect(of(V1 + V2, both)).toBe(2 * GB);
  });

  it('is none on other systems, and nothing that is no number is one', () => {
    expect(cgroupLimit(files({}))).toBeUndefined();
    for (const text of ['', 'max', '-1', '1e9', '12 kB', undefined]) expect(parseLimit(text)).toBeUndefined();
    expect(parseLimit('0\n')).toBe(0);
  });
});

describe('the memory of the machine', () => {
  const sources = { totalmem: () => 16 * GB, freemem: () => 10 * GB, rss: () => GB, read: () => undefined };
  const limited = (limit: string) => ({
    ...sources,
    read: files({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': limit }),
  });

  it('is what is built in, or a lower limit', () => {
    expect(machineMemory(sources)).toEqual({ total: 16 * GB, free: 10 * GB, by: 'machine' });
    expect(machineMemory(limited('4000000000'))).toEqual({ total: 4 * GB, free: 3 * GB, by: 'limit' });
    expect(machineMemory(limited('64000000000')).by).toBe('machine');
  });

  it('of this machine is some', () => {
    const { total, free } = machineMemory();
    expect(total).toBeGreaterThan(free);
    expect(free).toBeGreaterThan(0);
  });
});

describe('a run that cannot fit', () => {
  const limit = { total: 12 * GB, free: 8 * GB, by: 'limit' } as const;

  it('is refused with both numbers and what takes less', () => {
    expect(() => assertMemory('stage naflex', 15.6 * GB, 'use a smaller batch', limit)).toThrow(
      new MemoryError(
        'stage naflex needs about 15.6 GB of memory, and the limit of this process’s control group is 12.0 GB; use a smaller batch',
      ),
    );
    expect(() => assertMemory('it', 15.6 * GB, '', { ...limit, by: 'machine' })).toThrow(
      'this machine has 12.0 GB',
    );
    expect(() => assertMemory('it', 12 * GB, '', limit)).not.toThrow();
  });

  it('is noted where it would fit, but not beside what the machine does now', () => {
    expect(memoryNotice('it', 9 * GB, limit)).toMatch(/needs about 9.00 GB.*only 8.00 GB are free now/);
    expect(memoryNotice('it', 8 * GB, limit)).toBeUndefined();
  });

  it('is a recipe’s largest stage, and a user is told what to change', () => {
    const stage = (name: string, images: number): Stage => ({
      name,
      training: {
        objective: contrastiveObjective(variantConfig('google/siglip2-base-patch16-224'), {
          images,
          texts: images,
        }),
        optimizer: PAPER_OPTIMIZER,
        schedule: { totalSteps: 1, warmupSteps: 0 },
        seed: 0,
        batchAt: () => ({}),
      },
    });
    const largest = largestStage([stage('small', 1), stage('large', 4)])!;
    expect(largest.what).toBe('stage large');
    const notes: string[] = [];
    const io: CliIo = {
      stdout: { write: () => true },
      stderr: { write: (text) => notes.push(text) },
      stdin: (async function* () {})(),
      onInterrupt: () => () => {},
    };
    expect(() => checkMemory(largest, io, { total: 4 * GB, free: 4 * GB, by: 'machine' })).toThrow(
      /stage large needs about 7\.\d\d GB of memory, and this machine has 4.00 GB; use a smaller batch.*--ignore-memory/,
    );
    expect(() => checkMemory(largest, io, { total: 64 * GB, free: 64 * GB, by: 'machine' })).not.toThrow();
    expect(notes).toEqual([]);
    checkMemory(largest, io, { total: 64 * GB, free: GB, by: 'machine' });
    expect(notes.join('')).toMatch(/only 1.00 GB are free now/);
  });
});

describe('what goes through a stage', () => {
  const bytes = (...names: string[]) => new Map(names.map((name) => [name, 1]));
  const all = bytes('a', 'b', 'first_moment.a', 'first_moment.b', 'teacher.a');
  it('is what those before it have trained and it does not, moments only where it keeps them', () => {
    const first = { entries: all, parent: undefined, withoutMoments: false };
    const only = { entries: bytes('a', 'first_moment.a'), parent: 0 };
    expect(
      passingBytes([
        first,
        { ...only, withoutMoments: false },
        { ...only, withoutMoments: true },
        { entries: undefined, parent: 1, withoutMoments: false },
      ]),
    ).toEqual([0, 3, 2, 5]);
  });
});
