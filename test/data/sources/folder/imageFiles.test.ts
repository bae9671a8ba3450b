import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { imageFiles } from '../../../../src/data/sources/folder/imageFiles.ts';
import { picture, temporaryFolder } from '../../pictures.ts';

const folder = temporaryFolder();

it('chosen images have the captions of their folders, from wherever they are named', async () => {
  for (const name of ['otters', 'red_foxes']) mkdirSync(join(folder, name));
  const paths = ['otters/a.png', 'otters/b.png', 'red_foxes/c.png', 'otters/none.png'];
  for (const [i, path] of paths.slice(0, 3).entries()) writeFileSync(join(folder, path), await picture(i));
  writeFileSync(
    join(folder, 'otters/captions.csv'),
    'file,caption\na.png,an otter\nother.png,not asked for\n',
  );
  writeFileSync(join(folder, 'otters/b.txt'), 'two otters\nzwei Otter\n');
  const named = paths.map((path) => relative(process.cwd(), join(folder, path)));
  const source = await imageFiles(named, { folderLabels: true });
  const reads = await Promise.all(named.map((_, i) => source.read(i)));
  expect(source.size).toBe(4);
  expect(reads.map(({ sample }) => sample?.key)).toEqual(named);
  expect(reads.map(({ sample }) => sample?.captions.map(({ text }) => text))).toEqual([
    ['an otter'],
    ['two otters', 'zwei Otter'],
    ['red foxes'],
    // Whoever decodes it finds that it is not there.
    ['otters'],
  ]);
});
