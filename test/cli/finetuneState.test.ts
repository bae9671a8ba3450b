import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeShards } from '../../src/data/shards/writeShards.ts';
import { imageFolder } from '../../src/data/sources/imageFolder.ts';
import { readSource } from '../../src/data/sources/readSource.ts';
import { saveTinyModel } from './fixtures.ts';
import { temporaryFolder } from './temporary.ts';
import { cli } from './testIo.ts';

const folder = temporaryFolder();
const MODEL = join(folder, 'tiny');
const DATA = join(folder, 'data');
const COLOURS = { red: [220, 60, 30], green: [40, 200, 60], blue: [30, 70, 220] } as const;

const args = (output: string, data: string, ...more: string[]) => [
  ...['finetune', '--model', MODEL, '--data', data, '--output', join(folder, output), '--threads', '1'],
  ...[
    '--batch',
    '3',
    '--steps',
    '2',
    '--warmup',
    '0',
    '--learning-rate',
    '3e-3',
    '--validation',
    '0',
    ...more,
  ],
];

beforeAll(async () => {
  await saveTinyModel(MODEL);
  mkdirSync(DATA);
  for (const [name, [r, g, b]] of Object.entries(COLOURS)) {
    for (const shade of [0, 20]) {
      const image = { width: 16, height: 16, channels: 3, background: { r, g, b: b + shade } } as const;
      await sharp({ create: image })
        .png()
        .toFile(join(DATA, `${name}${shade}.png`));
      writeFileSync(join(DATA, `${name}${shade}.txt`), `a ${name} picture`);
    }
  }
});

describe('a run is continued on the data that it began with', () => {
  test('one shard after another of the same number is refused', async () => {
    const samples = async () => readSource(await imageFolder(DATA, { name: 'data' }));
    const shards = async (name: string) =>
      (await writeShards(await samples(), { folder: join(folder, name) }))[0]!.path;
    const [a, b] = [await shards('shards-a'), await shards('shards-b')];
    const first = await cli(args('sharded', a));
    expect(first.code, first.err).toBe(0);
    // The same content under another name goes on: there is nothing left to do.
    const same = await cli(args('sharded', b));
    expect(same.code, same.err).toBe(0);
    writeFileSync(join(DATA, 'red0.txt'), 'another caption');
    const other = await shards('shards-c');
    const { code, err } = await cli(args('sharded', other));
    writeFileSync(join(DATA, 'red0.txt'), 'a red picture');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /sharded\/run holds a run on other data .*: shard 1 of 1 has another content; give back the data as it was, or use another --output/,
      ),
    ]);
  });

  test('captions that were rewritten in between are refused', async () => {
    const first = await cli(args('captions', DATA));
    expect(first.code, first.err).toBe(0);
    writeFileSync(join(DATA, 'blue0.txt'), 'a blew picture');
    const { code, err } = await cli(args('captions', DATA));
    writeFileSync(join(DATA, 'blue0.txt'), 'a blue picture');
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('captions differ; give back the data as it was'),
    ]);
  });
});
