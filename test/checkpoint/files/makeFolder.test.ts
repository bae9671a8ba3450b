import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../../src/checkpoint/files/makeFolder.ts';
import { temporaryDirectory } from '../temporary.ts';

const root = temporaryDirectory();

it('makes all folders above, and is content with what is there', async () => {
  const path = join(root, 'a/b/c');
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(root, 'a/b/d'))]);
  expect(statSync(path).isDirectory()).toBe(true);
  await makeFolder(path);
  symlinkSync(path, join(root, 'link'));
  await makeFolder(join(root, 'link'));
  await makeFolder(join(root, 'link/e'));
  expect(existsSync(join(path, 'e'))).toBe(true);
});

it('says what is in the way', async () => {
  writeFileSync(join(root, 'file'), '');
  await expect(makeFolder(join(root, 'file'))).rejects.toThrow(/EEXIST/);
  await expect(makeFolder(join(root, 'file/x'))).rejects.toThrow(/EEXIST|ENOTDIR/);
});

it.runIf(existsSync('/proc/self'))('ends where nothing can be made', async () => {
  await expect(makeFolder('/proc/siglip2/run')).rejects.toThrow(/ENOENT/);
});
