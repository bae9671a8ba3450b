import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeAtomic } from '../../../src/checkpoint/files/atomic.ts';
import { removeLeftovers, temporaryBeside } from '../../../src/checkpoint/files/leftovers.ts';
import { readLock, takeLock } from '../../../src/checkpoint/files/lock.ts';
import { thisProcess } from '../../../src/checkpoint/files/processes.ts';
import { sweepCache } from '../../../src/checkpoint/hub/cache/sweepCache.ts';
import { temporaryDirectory } from '../temporary.ts';

const folder = temporaryDirectory();
const isLinux = process.platform === 'linux';

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return child.pid!;
}

const since = new Date(0).toISOString();
const longAgo = new Date(Date.now() - 48 * 3600 * 1000);

test('one has it; the other learns who, and gets it afterwards', async () => {
  const path = join(folder, 'one.lock');
  const lock = await takeLock(path);
  if (lock.kind !== 'held') throw new Error('the lock was taken');
  const other = await takeLock(path);
  expect(other).toMatchObject({ kind: 'foreign', owner: { pid: process.pid, host: hostname() } });
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
  expect(existsSync(path)).toBe(false);
  const next = await takeLock(path);
  expect(next.kind).toBe('held');
  if (next.kind === 'held') await next.release();
});

test('of a dead process is taken over, and by one of many only', async () => {
  const path = join(folder, 'dead.lock');
  for (let round = 0; round < 5; round++) {
    writeFileSync(path, JSON.stringify({ id: 'x', pid: await deadPid(), host: hostname(), since }));
    const all = await Promise.all(Array.from({ length: 8 }, () => takeLock(path)));
    const held = all.filter((one) => one.kind === 'held');
    expect(held).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('dead'))).toEqual(['dead.lock']);
    await held[0]!.release();
  }
});

test.runIf(isLinux)('of a dead process whose number runs again is taken over', async () => {
  const path = join(folder, 'again.lock');
  const mark = { id: 'x', pid: process.pid, host: hostname(), since };
  writeFileSync(path, JSON.stringify({ ...mark, start: 'another boot 17' }));
  const lock = await takeLock(path);
  expect(lock.kind).toBe('held');
  if (lock.kind === 'held') await lock.release();
  // A process that runs keeps it, however long it gives no sign of life: it may be suspended.
  writeFileSync(path, JSON.stringify({ ...mark, start: thisProcess().start }));
  utimesSync(path, longAgo, longAgo);
  expect((await takeLock(path)).kind).toBe('foreign');
});

test('of another machine counts while it gives signs of life', async () => {
  const path = join(folder, 'far.lock');
  writeFileSync(path, JSON.stringify({ id: 'x', pid: await deadPid(), host: 'elsewhere', since }));
  expect(await takeLock(path)).toMatchObject({ kind: 'foreign', owner: { host: 'elsewhere' } });
  utimesSync(path, longAgo, longAgo);
  const lock = await takeLock(path);
  if (lock.kind !== 'held') throw new Error('it was not taken over');
  // Whoever was taken for dead finds out, and does not take it from the new owner.
  writeFileSync(path, JSON.stringify({ id: 'y', pid: 1, host: 'elsewhere', since }));
  expect(await lock.isHeld()).toBe(false);
  await lock.release();
  expect(await readLock(path)).toMatchObject({ id: 'y' });
});

test('what killed processes were writing is removed, and nothing else', async () => {
  const place = join(folder, 'leftovers');
  mkdirSync(place);
  const dead = await deadPid();
  const name = (path: string, pid: number, host?: string) =>
    temporaryBeside(join(place, path))
      .replace(`.${process.pid}@`, `.${pid}@`)
      .replace(/@\w+/, (own) => host ?? own);
  const live = temporaryBeside(join(place, 'live'));
  const gone = [name('state', dead), name('state', process.pid).replace('.state', '.own')];
  const far = name('far', dead, '@00000000');
  const old = [name('old', dead, '@00000000'), join(place, `.older.${dead}-0123abcd.tmp`)];
  for (const path of [live, ...gone, far, ...old, join(place, 'mine.tmp'), join(place, '.mine')])
    writeFileSync(path, 'x');
  for (const path of old) utimesSync(path, longAgo, longAgo);
  const staging = name('model', dead);
  mkdirSync(staging);
  writeFileSync(join(staging, 'config.json'), '{}');
  expect((await removeLeftovers(place)).length).toBe(5);
  expect(
    readdirSync(place)
      .map((file) => join(place, file))
      .sort(),
  ).toEqual([live, far, join(place, 'mine.tmp'), join(place, '.mine')].sort());
  expect(await removeLeftovers(join(folder, 'nowhere'))).toEqual([]);
});

test('a process that is killed while it writes leaves what the next one removes', async () => {
  const place = join(folder, 'killed');
  const script = `
    import { writeAtomic } from ${JSON.stringify(join(import.meta.dirname, '../../../src/checkpoint/files/atomic.ts'))};
    await writeAtomic(${JSON.stringify(join(place, 'a'))}, async (file) => {
      await file.writeFile('half');
      console.log('writing');
      await new Promise((done) => setTimeout(done, 60_000));
    });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  await once(child.stdout, 'data');
  expect(readdirSync(place)).toHaveLength(1);
  expect(await removeLeftovers(place)).toEqual([]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await removeLeftovers(place)).toHaveLength(1);
  await writeAtomic(join(place, 'a'), (file) => file.writeFile('whole'));
  expect([readdirSync(place), readFileSync(join(place, 'a'), 'utf8')]).toEqual([['a'], 'whole']);
});

test('the hub’s cache is swept: what was fetched stays, and so does what the next fetch continues', async () => {
  const cache = join(folder, 'hub');
  const repo = join(cache, 'models--a--b');
  const dead = await deadPid();
  const left = (path: string) =>
    temporaryBeside(join(repo, path))
      .replace(`.${process.pid}@`, `.${dead}@`)
      .slice(repo.length + 1);
  for (const part of ['blobs', 'snapshots/c/sub', 'refs/pr', 'trees'])
    mkdirSync(join(repo, part), { recursive: true });
  const kept = ['blobs/e', 'blobs/e.incomplete', 'blobs/f.0123abcd.incomplete', 'refs/main', 'trees/c.json'];
  const removed = [
    left('snapshots/c/config.json'),
    left('snapshots/c/sub/x'),
    left('refs/main'),
    left('trees/c.json'),
  ];
  const old = ['blobs/g.0123abcd.incomplete', 'refs/pr/1.0123abcd.tmp', 'trees/tmpab12.tmp'];
  for (const path of [...kept, ...removed, ...old]) writeFileSync(join(repo, path), 'x');
  for (const path of old) utimesSync(join(repo, path), longAgo, longAgo);
  symlinkSync('../../blobs/e', join(repo, 'snapshots/c/model.safetensors'));
  const locks = join(cache, '.locks/models--a--b');
  mkdirSync(locks, { recursive: true });
  writeFileSync(
    join(locks, 'e.siglip2.lock'),
    JSON.stringify({ id: 'x', pid: dead, host: hostname(), since }),
  );
  writeFileSync(join(locks, 'e.lock'), '');
  await sweepCache(cache, repo);
  const found = readdirSync(repo, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(repo.length + 1));
  expect(found.sort()).toEqual([...kept, 'snapshots/c/model.safetensors'].sort());
  expect(readdirSync(locks)).toEqual(['e.lock']);
  await sweepCache(cache, join(cache, 'models--no--thing'));
});
