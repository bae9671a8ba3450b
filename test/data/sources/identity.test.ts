import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { imageFolder } from '../../../src/data/sources/folder/imageFolder.ts';
import {
  describeDifference,
  identifyShards,
  identifySource,
  withHeldOut,
} from '../../../src/data/sources/identity.ts';

const root = mkdtempSync(join(tmpdir(), 'siglip2-identity-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, 'folder');

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const name of ['a', 'b']) {
    writeFileSync(join(folder, `${name}.png`), `pixels of ${name}`);
    writeFileSync(join(folder, `${name}.txt`), `caption of ${name}`);
  }
});

const identify = async (path = folder) => identifySource(await imageFolder(path, { name: 'data' }));

test.each([
  ['another caption', () => writeFileSync(join(folder, 'a.txt'), 'Caption of a'), 'captions differ'],
  [
    'another image of the same size',
    () => writeFileSync(join(folder, 'b.png'), 'pixels of B'),
    'images have another content under the same names',
  ],
  [
    'another name',
    () => {
      for (const ending of ['png', 'txt'])
        renameSync(join(folder, `b.${ending}`), join(folder, `c.${ending}`));
    },
    'there are other images, or under other names',
  ],
])('%s is other data', async (_, change, reason) => {
  const before = await identify();
  expect(describeDifference(before, await identify())).toBeUndefined();
  change();
  expect(describeDifference(before, await identify())).toBe(reason);
});

test('data that moved or was copied is the same, whatever its times', async () => {
  const before = await identify();
  const elsewhere = join(root, 'elsewhere');
  renameSync(folder, elsewhere);
  utimesSync(join(elsewhere, 'a.png'), 1, 1);
  expect(describeDifference(before, await identify(elsewhere))).toBeUndefined();
  rmSync(elsewhere, { recursive: true });
});

test('shards are known by content and order, not by name; large ones by size and time', async () => {
  const [a, b, c] = ['train-a.tar', 'train-b.tar', 'c.tar'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [a, c]) writeFileSync(path, 'one');
  writeFileSync(b, 'two');
  const before = await identifyShards([a, b]);
  expect(describeDifference(before, await identifyShards([c, b]))).toBeUndefined();
  expect(describeDifference(before, await identifyShards([a, a]))).toBe('shard 2 of 2 has another content');
  expect(describeDifference(before, await identifyShards([a]))).toBe('2 shards, now 1');
  expect(describeDifference(before, await identify())).toBe('it is another kind or size of data set');
  for (const path of [a, c]) utimesSync(path, 1, 1);
  const large = await identifyShards([a], 2);
  expect(describeDifference(large, await identifyShards([c], 2))).toBeUndefined();
  utimesSync(c, 2, 2);
  expect(describeDifference(large, await identifyShards([c], 2))).toMatch(
    /shard 1 of 1 has another content \(by size and time of change: .* cp -p\)/,
  );
});

test('what is held out is a part of it', async () => {
  const identity = await identify();
  expect(describeDifference(withHeldOut(identity, 'a'), withHeldOut(identity, 'b'))).toBe(
    'the images that are held out differ',
  );
});

test('runs that knew less are compared by what they knew', async () => {
  const identity = await identify();
  const members = /^members (\w+)/.exec(identity)![1]!;
  expect(describeDifference(members, identity)).toBeUndefined();
  expect(describeDifference('0123456789abcdef', identity)).toMatch(/other images/);
});
