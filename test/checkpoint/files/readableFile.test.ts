import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ReadableFile } from '../../../src/checkpoint/files/readableFile.ts';
import { openNpz } from '../../../src/checkpoint/numpy/npz.ts';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { FIXTURES, temporaryDirectory } from '../temporary.ts';

setFlagsFromString('--expose-gc');
const gc: () => void = runInNewContext('gc');
const folder = temporaryDirectory();

const isOpen = (path: string): boolean =>
  readdirSync('/proc/self/fd').some((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
    } catch {
      return false;
    }
  });

// See test/nodes/check.ts for other versions of Node.js, of which some warn and some end the process.
test.runIf(process.platform === 'linux')(
  'files that nobody holds are closed, without a warning',
  async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(String(warning));
    process.on('warning', listen);
    const paths = ['reference.safetensors', 'naflex_f16.npz'].map((name) => join(FIXTURES, name));
    await (async () => {
      await openSafetensors(paths[0]!);
      await openNpz(paths[1]!);
      expect(paths.map(isOpen)).toEqual([true, true]);
    })();
    for (let i = 0; i < 20 && paths.some(isOpen); i++) {
      gc();
      await new Promise((done) => setTimeout(done, 20));
    }
    process.off('warning', listen);
    expect([paths.map(isOpen), warnings]).toEqual([[false, false], []]);
  },
);

test('a file that is being read is not closed under the reader', async () => {
  const path = join(folder, 'large');
  writeFileSync(path, Buffer.alloc(64 * 2 ** 20, 7));
  const target = new Uint8Array(64 * 2 ** 20);
  const reading = ReadableFile.open(path).then((file) => file.read(target, 0));
  for (let i = 0; i < 10; i++) {
    gc();
    await new Promise((done) => setImmediate(done));
  }
  expect([await reading, target.at(-1)]).toEqual([target.length, 7]);
});

test('a closed file is not read, and reading behind the end gives nothing', async () => {
  const path = join(folder, 'small');
  writeFileSync(path, 'abc');
  const file = await ReadableFile.open(path);
  const target = new Uint8Array(4);
  expect([await file.read(target, 1), await file.read(target, 9)]).toEqual([2, 0]);
  expect(await file.isUnchanged()).toBe(true);
  writeFileSync(path, 'abcd');
  expect(await file.isUnchanged()).toBe(false);
  await file.close();
  await file.close();
  await expect(file.read(target, 0)).rejects.toThrow(/small is closed; open it again/);
  await expect(ReadableFile.open(join(folder, 'none'))).rejects.toThrow(/ENOENT/);
});
