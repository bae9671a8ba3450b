import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeAtomic } from '../../../src/checkpoint/files/atomic.ts';
import { FileWriteError, isDiskFull } from '../../../src/checkpoint/files/diskFault.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'siglip2-atomic-'));
});
afterAll(() => rm(folder, { recursive: true }));

const full = () =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });

it('leaves the old file, nothing else, and says what to do where the disk is full', async () => {
  const path = join(folder, 'a');
  await writeAtomic(path, (file) => file.writeFile('old'));
  const error: unknown = await writeAtomic(path, async (file) => {
    await file.writeFile('half of the n');
    throw full();
  }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FileWriteError);
  expect(error).toMatchObject({
    message: `${path} cannot be written (the disk is full); free some space, or write elsewhere`,
  });
  expect(isDiskFull(error)).toBe(true);
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['a']);
});

it('names the file where its folder is none', async () => {
  await writeFile(join(folder, 'file'), '');
  const path = join(folder, 'file', 'b');
  await expect(writeAtomic(path, async () => {})).rejects.toThrow(
    new RegExp(`^${path} cannot be written \\(E\\w+: .*\\); check the disk and the folder's permissions`),
  );
});

it('lets errors of what is written through', async () => {
  const wrong = new RangeError('no such row');
  await expect(writeAtomic(join(folder, 'c'), () => Promise.reject(wrong))).rejects.toBe(wrong);
});
