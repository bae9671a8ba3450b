import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dataPaths } from '../../../src/cli/data/dataSets.ts';
import { writeWholeShards } from '../../../src/cli/data/wholeShards.ts';
import { openFinetuneData } from '../../../src/cli/finetune/data.ts';
import { InterruptedError } from '../../../src/cli/support/errors.ts';
import { processIo } from '../../../src/cli/support/io.ts';
import type { Sample } from '../../../src/data/samples/sample.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../models.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const path = (...names: string[]) => join(folder, ...names);
const MODEL = path('model');
const picture = readFileSync(IMAGES[0]!);
const IO = { ...processIo(), stdin: (async function* () {})() };

beforeAll(async () => {
  await saveTinyModel(MODEL);
  mkdirSync(path('photos'));
  for (let i = 0; i < 12; i++) {
    copyFileSync(IMAGES[i % 3]!, path('photos', `${i}.png`));
    if (i < 11) writeFileSync(path('photos', `${i}.txt`), `a red cat ${i}`);
  }
  writeFileSync(path('photos', 'notes.md'), 'x');
});

describe('--data', () => {
  it('of debias may be a glob or a list, with texts beside the images', async () => {
    const debias = (data: string, stdin?: string) =>
      cli(['debias', '--data', data, '--max-bad', '0.4', '--json'], stdin === undefined ? {} : { stdin });
    const glob = (await debias(path('photos', '1*.png'))).json()[0]!;
    // 1, 10 and 11, which has no text.
    expect(glob).toMatchObject({ examples: 2, bad: { read: 3, bad: 1 } });
    const list = await debias('-', `${path('photos', '0.png')}\n${path('photos', '5.png')}\n`);
    expect(list.json()[0]).toMatchObject({ examples: 2, bad: { read: 2, bad: 0 } });
    expect((await debias(path('*.gif'))).err).toMatch(/matches no images and no shards/);
  });

  it('says what was left out of a folder', async () => {
    const { err, json } = await cli(['debias', '--data', path('photos'), '--json']);
    expect(err).toBe('');
    expect(json()[0]).toMatchObject({ bad: { read: 12, bad: 1 }, skipped: { extensions: { md: 1 } } });
    expect((await cli(['debias', '--data', path('photos')])).err).toContain('left out: 1 .md');
  });

  it('of finetune: samples without a caption are counted by reason, also below the limit', async () => {
    const request = { data: [path('photos')], seed: 0, maxBad: 0.1 };
    const { tally, notes, trainSize, validation } = await openFinetuneData(request);
    expect(tally.report()).toMatchObject({ bad: 1, reasons: { 'missing-caption': { count: 1 } } });
    expect(trainSize! + validation.length).toBe(11);
    expect(notes).toContain('left out of the folder: 1 .md');
  });
});

it('--data of finetune may be a glob', async () => {
  const data = await dataPaths([path('photos', '?.png')], IO);
  const { trainSize, validation } = await openFinetuneData({ data, seed: 0, maxBad: 0 });
  expect([trainSize, validation.length]).toEqual([9, 1]);
});

describe('annotate', () => {
  const gates = ['--box-score', '0', '--image-score', '0', '--max-words', '2'];
  const args = (output: string, ...more: string[]) => [
    ...['annotate', '--data', path('photos'), '--output', output, ...gates, ...more],
    ...['--model', MODEL, '--threads', '1'],
  ];
  const shard = (output: string) => readFileSync(join(output, 'shard-000000.tar'));

  it('that is stopped goes on, to the same bytes, and looks at no image twice', async () => {
    const [whole, broken] = [path('whole'), path('broken')];
    expect((await cli(args(whole))).code).toBe(0);
    // The first signal comes with the third line of the journal.
    const stopped = await cli(args(broken), {
      onListening(interrupt) {
        const timer = setInterval(() => {
          const journal = existsSync(`${broken}.part`) ? readFileSync(`${broken}.part`, 'utf8') : '';
          if (journal.split('\n').length < 4) return;
          clearInterval(timer);
          interrupt();
        }, 1);
      },
    });
    expect([stopped.code, stopped.out]).toEqual([130, '']);
    expect(stopped.err).toMatch(
      /stopped; what was found is kept in .*broken\.part: the same command continues/,
    );
    expect(existsSync(join(broken, 'shard-000000.tar'))).toBe(false);
    const other = await cli(args(broken, '--threshold', '0.9'));
    expect([other.code, other.err]).toEqual([1, expect.stringMatching(/run with another threshold/)]);
    const { code, err } = await cli(args(broken));
    expect(code).toBe(0);
    expect(Number(/continuing: (\d+) annotated samples/.exec(err)![1])).toBeGreaterThan(1);
    expect(shard(broken).equals(shard(whole))).toBe(true);
    expect(existsSync(`${broken}.part`)).toBe(false);
  });

  it('looks for categories in images without a caption', async () => {
    writeFileSync(path('categories.txt'), 'a cat\n');
    const output = path('categories');
    mkdirSync(output);
    for (const name of ['shard-000000.tar', 'shard-000001.tar']) writeFileSync(join(output, name), 'older');
    const { json, err } = await cli(args(output, '--categories', path('categories.txt'), '--json'));
    expect(json()[0]).toMatchObject({ samples: 12, annotated: 12, bad: { bad: 0 } });
    expect(err).toMatch(/also holds shards of an earlier run, .*: shard-000001\.tar\n$/);
  });
});

describe('whole shards', () => {
  /** Samples of some length, and then a stop. */
  async function* samples(count: number, stop = false, text = 'a'): AsyncGenerator<Sample> {
    for (let i = 0; i < count; i++)
      yield { key: `${i}`, image: picture, captions: [{ text: `${text} ${i}` }], source: 'set' };
    if (stop) throw new InterruptedError('stopped');
  }
  // Two samples a shard.
  const limits = { maxSamples: 2 };

  it('of a stopped command wait, and the rest follows behind them, to the same bytes', async () => {
    const [whole, broken] = [path('shards-whole'), path('shards-broken')];
    const expected = await writeWholeShards(samples(7), whole, limits);
    await expect(writeWholeShards(samples(5, true), broken, limits)).rejects.toThrow('stopped');
    expect(readdirSync(broken)).toEqual(['.unfinished']);
    expect(readdirSync(join(broken, '.unfinished')).sort()).toEqual([
      'record.json',
      'shard-000000.tar',
      'shard-000001.tar',
    ]);
    // Other samples are no continuation.
    await expect(writeWholeShards(samples(7, false, 'b'), broken, limits)).rejects.toThrow(
      /shard-000000\.tar was made of other samples: .*remove .*\.unfinished to start again/,
    );
    const shards = await writeWholeShards(samples(7), broken, limits);
    expect(shards.map(({ samples: count, bytes }) => [count, bytes])).toEqual(
      expected.map(({ samples: count, bytes }) => [count, bytes]),
    );
    for (const name of readdirSync(whole))
      expect(readFileSync(join(broken, name)).equals(readFileSync(join(whole, name)))).toBe(true);
    expect(readdirSync(broken)).toEqual(readdirSync(whole));
  });

  it('that were cut short are written again', async () => {
    const cut = path('shards-cut');
    await expect(writeWholeShards(samples(3, true), cut, limits)).rejects.toThrow('stopped');
    writeFileSync(join(cut, '.unfinished', 'shard-000000.tar'), 'x');
    expect(await writeWholeShards(samples(3), cut, limits)).toHaveLength(2);
  });
});
