import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { openModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { writeShards } from '../../src/data/shards/writeShards.ts';
import { imageFolder } from '../../src/data/sources/folder/imageFolder.ts';
import { readSource } from '../../src/data/sources/readSource.ts';
import { readMeasurements } from '../../src/train/run/best/keepBest.ts';
import { saveTinyModel } from '../cli/fixtures.ts';
import { temporaryFolder } from '../cli/temporary.ts';
import { cli } from '../cli/testIo.ts';

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

describe('the model of a run', () => {
  const classes = join(folder, 'classes');
  beforeAll(async () => {
    for (const [name, [r, g, b]] of Object.entries(COLOURS)) {
      mkdirSync(join(classes, name), { recursive: true });
      for (let i = 0; i < 4; i++) {
        const image = { width: 16, height: 16, channels: 3, background: { r, g, b: b + 8 * i } } as const;
        await sharp({ create: image })
          .png()
          .toFile(join(classes, name, `${i}.png`));
      }
    }
  });
  // The rate is far too high, so that what is learnt first is lost again.
  const run = (output: string, ...more: string[]) =>
    cli(
      args(
        output,
        classes,
        '--validation',
        '0.25',
        '--steps',
        '4',
        '--save-every',
        '1',
        '--learning-rate',
        '0.05',
        ...more,
        '--json',
      ),
    );
  const stepOf = async (output: string) => {
    const { weights } = await openModelDirectory(join(folder, output, 'model'));
    await weights.close();
    return weights.step;
  };

  test('is the best on what is held out, or the last where that is asked for', async () => {
    const { code, err, json } = await run('best');
    expect(code, err).toBe(0);
    const measured = await readMeasurements(join(folder, 'best/run'));
    expect(measured.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    const most = Math.max(...measured.map(({ value }) => value));
    const { step } = measured.findLast(({ value }) => value === most)!;
    expect(step).toBeLessThan(4);
    const end = json().at(-1)!;
    expect(end).toMatchObject({ step: 4, best: step, after: { kind: 'classes', top1: most } });
    expect(await stepOf('best')).toBe(step);
    expect(err).toContain(`held out after step ${step}: ${(100 * most).toFixed(1)} % right`);
    expect(readdirSync(join(folder, 'best/run')).filter((name) => name.startsWith('.'))).toEqual([]);

    // The last is in the run: the same command gives it, and trains no more.
    const last = await run('best', '--keep', 'last');
    expect(last.code, last.err).toBe(0);
    expect(await stepOf('best')).toBe(4);
    const plain = await run('last', '--keep', 'last');
    expect(plain.code, plain.err).toBe(0);
    const weights = (output: string) => readFileSync(join(folder, output, 'model/model.safetensors'));
    expect(weights('best').equals(weights('last'))).toBe(true);
    expect(existsSync(join(folder, 'last/run/best.safetensors'))).toBe(false);
  }, 60_000);

  test('cannot be the best on nothing', async () => {
    const { code, err } = await run('nothing', '--validation', '0', '--keep', 'best');
    expect([code, err]).toEqual([2, expect.stringContaining('--keep best needs images that are held out')]);
  });
});
