import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleCheck, samplesOf } from '../../../src/cli/data/samples.ts';
import type { BadSample, Sample } from '../../../src/data/samples/sample.ts';
import { writeShards } from '../../../src/data/shards/writeShards.ts';
import { webdataset } from '../../../src/data/sources/webdataset/webdataset.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../models.ts';
import { cli } from '../testIo.ts';

const picture = await readFile(IMAGES[0]!);

async function shardOf(captions: readonly string[]): Promise<string> {
  const samples = captions.map(
    (text, i): Sample => ({
      key: `sample ${i}`,
      image: picture,
      captions: [{ text }],
      source: 'test',
    }),
  );
  const [shard] = await writeShards(samples, { folder: temporaryFolder() });
  return shard!.path;
}

/** A folder with as many captioned pictures, one that is none, one that is torn and two without a caption. */
async function folderWithBad(good: number): Promise<string> {
  const folder = temporaryFolder();
  const names = Array.from({ length: good }, (_, i) => `${i}.png`);
  await Promise.all(
    [...names, 'mute0.png', 'mute1.png'].map((name) => writeFile(join(folder, name), picture)),
  );
  await writeFile(join(folder, 'letter.png'), 'no picture');
  await writeFile(join(folder, 'torn.png'), picture.subarray(0, 60));
  const rows = [...names, 'letter.png', 'torn.png'].map((name) => `${name},a man`);
  await writeFile(join(folder, 'captions.csv'), ['file,caption', ...rows].join('\n'));
  return folder;
}

async function readBack(folder: string): Promise<Sample[]> {
  const shards = (await readdir(folder))
    .filter((name) => name.endsWith('.tar'))
    .map((name) => join(folder, name));
  const samples: Sample[] = [];
  const onBad = () => {
    throw new Error('the output has bad samples');
  };
  for await (const sample of samplesOf(await webdataset(shards.sort()), onBad)) samples.push(sample);
  return samples;
}

describe('debias', () => {
  const captions = Array.from({ length: 60 }, (_, i) => (i % 4 === 0 ? 'a woman' : `a man and tree ${i}`));
  const flags = ['--representation', '0.02', '--passes', '3'];

  it('reports without writing anything', async () => {
    const shard = await shardOf(captions);
    const { code, out } = await cli(['debias', '--data', shard, ...flags]);
    expect(code).toBe(0);
    expect(out).toMatch(/^60 samples, \d+\.\d % stay\n/);
    expect(out).toMatch(/gender: female +−0\.2500 .* 25\.0 % /);
    expect(out).toContain('in no caption: gender: female, librarian;');
  });

  it('a low penalty keeps more', async () => {
    const shard = await shardOf(captions);
    const share = async (penalty: string) => {
      const { json } = await cli(['debias', '--data', shard, ...flags, '--penalty', penalty, '--json']);
      return Number(json()[0]!['keptShare']);
    };
    expect(await share('0.2')).toBeGreaterThan(await share('10'));
  });

  it('writes what stays', async () => {
    const shard = await shardOf(captions);
    const output = join(temporaryFolder(), 'balanced');
    const result = await cli(['debias', '--data', shard, ...flags, '--output', output, '--json']);
    const [report] = result.json() as [{ examples: number; kept: number; keptShare: number }];
    const kept = await readBack(output);
    expect(kept).toHaveLength(report.kept);
    expect(report).toMatchObject({ examples: 60, bad: { read: 60, bad: 0, reasons: {} } });
    expect(kept.length).toBeLessThan(60);
    // Women are too few: all of them stay.
    expect(kept.filter(({ captions: [caption] }) => caption!.text === 'a woman')).toHaveLength(15);
  });

  it('reads a folder as finetune does', async () => {
    const folder = temporaryFolder();
    const rows = await Promise.all(
      ['a woman', 'a man', 'a man', 'a tree'].map(async (text, i) => {
        await writeFile(join(folder, `${i}.png`), picture);
        return `${i}.png,${text}`;
      }),
    );
    await writeFile(join(folder, 'captions.csv'), ['file,caption', ...rows].join('\n'));
    const output = join(temporaryFolder(), 'balanced');
    const { json } = await cli(['debias', '--data', folder, '--output', output, '--json']);
    const [report] = json() as [{ examples: number; kept: number }];
    expect(report.examples).toBe(4);
    expect(await readBack(output)).toHaveLength(report.kept);
  });

  it('leaves bad samples out and counts them by reason, up to a share', async () => {
    const data = await folderWithBad(6);
    const output = join(temporaryFolder(), 'balanced');
    const args = ['debias', '--data', data, '--output', output, '--passes', '2'];
    // Torn pictures are not seen: nothing is decoded.
    const tooMany = await cli(args);
    expect([tooMany.code, tooMany.err]).toEqual([
      1,
      expect.stringMatching(
        /3 of 10 samples are bad, most often missing-caption: 2 \(.*mute0\.png: .*\), then undecodable: 1 .*--max-bad/,
      ),
    ]);
    const { code, err } = await cli([...args, '--max-bad', '0.3']);
    expect(code).toBe(0);
    expect(err).toMatch(
      /3 of 10 samples are bad:\n {2}missing-caption: 2\n[\s\S]*letter\.png: the image is no JPEG/,
    );
    const { json } = await cli([...args, '--max-bad', '0.3', '--json']);
    const reasons = { 'missing-caption': { count: 2 }, undecodable: { count: 1 } };
    expect(json()).toMatchObject([{ examples: 7, bad: { read: 10, bad: 3, reasons } }]);
    // Only reporting does not open images.
    const report = await cli(['debias', '--data', data, '--max-bad', '0.2', '--json']);
    expect(report.json()).toMatchObject([{ examples: 8, bad: { bad: 2 } }]);
  });

  it('takes a lexicon, and names what is wrong with one', async () => {
    const shard = await shardOf(['a cat', 'a cat', 'a dog']);
    const lexicon = join(temporaryFolder(), 'words.json');
    const attribute = { target: 0.5, present: ['cat'], absent: ['dog'] };
    await writeFile(lexicon, JSON.stringify({ attributes: { cats: attribute } }));
    const { out } = await cli(['debias', '--data', shard, '--lexicon', lexicon]);
    expect(out).toMatch(/cats .*66\.7 %/);
    await writeFile(lexicon, JSON.stringify({ attributes: { cats: { ...attribute, target: 2 } } }));
    const { code, err } = await cli(['debias', '--data', shard, '--lexicon', lexicon]);
    expect(code).toBe(1);
    expect(err).toMatch(/words\.json: attributes\.cats\.target: /);
  });

  it('says how it is called', async () => {
    expect((await cli(['debias'])).code).toBe(2);
    const { code, err } = await cli(['debias', '--data', 'none.tar']);
    expect(code).toBe(1);
    expect(err).toContain('none.tar');
    const wrong = await cli(['debias', '--data', 'none.tar', '--association', '2']);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/--association is "2": expected a number from 0 to 1/);
  });
});

describe('annotate', () => {
  it('writes samples with the regions that it found', async () => {
    const model = await saveTinyModel(temporaryFolder());
    const shard = await shardOf(['a red cat', 'the image']);
    const output = join(temporaryFolder(), 'annotated');
    // A model that knows nothing gives middling probabilities: everything is kept with the gates open.
    const gates = ['--box-score', '0', '--image-score', '0'];
    const args = ['annotate', '--data', shard, '--output', output, '--model', model, '--max-words', '2'];
    const [result] = (await cli([...args, ...gates, '--json'])).json();
    const samples = await readBack(output);
    expect(samples.map(({ captions: [caption] }) => caption!.text)).toEqual(['a red cat', 'the image']);
    const [cat, image] = samples;
    expect(cat!.regions!.length).toBeGreaterThan(0);
    for (const { box, text, score } of cat!.regions!) {
      expect(['a red', 'red', 'red cat', 'cat']).toContain(text);
      expect(score).toBeGreaterThan(0);
      expect(box.y2).toBeGreaterThan(box.y1);
      expect(box.x2).toBeGreaterThan(box.x1);
    }
    expect(image!.regions).toBeUndefined();
    expect(result).toMatchObject({ output, samples: 2, annotated: 1, regions: cat!.regions!.length });
    expect(result!['bad']).toEqual({ read: 2, bad: 0, reasons: {} });
  });

  it('keeps nothing that is not sure enough', async () => {
    const model = await saveTinyModel(temporaryFolder());
    const shard = await shardOf(['a red cat']);
    const output = join(temporaryFolder(), 'annotated');
    const { out } = await cli([
      'annotate',
      '--data',
      shard,
      '--output',
      output,
      '--model',
      model,
      '--image-score',
      '1',
    ]);
    expect(out).toBe(`0 regions in 0 of 1 samples; 1 shards in ${output}\n`);
    expect((await readBack(output))[0]!.regions).toBeUndefined();
  });

  it('leaves bad samples out and counts them by reason; past a share it fails and leaves nothing new', async () => {
    const model = await saveTinyModel(temporaryFolder());
    const data = await folderWithBad(6);
    const output = temporaryFolder();
    await mkdir(join(output, '.unfinished'));
    await writeFile(join(output, '.unfinished/shard-000007.tar'), 'of a run that was killed');
    await writeFile(join(output, 'shard-000000.tar'), 'of an earlier run');
    const args = ['annotate', '--data', data, '--output', output, '--model', model];
    const tooMany = await cli([...args, '--max-bad', '0.3']);
    expect([tooMany.code, tooMany.out, tooMany.err]).toEqual([
      1,
      '',
      expect.stringMatching(
        /4 of 10 samples are bad, most often undecodable: 2 \(.*\), then missing-caption: 2 .*--max-bad/,
      ),
    ]);
    expect(await readdir(output)).toEqual(['shard-000000.tar']);
    expect(await readFile(join(output, 'shard-000000.tar'), 'utf8')).toBe('of an earlier run');

    const { code, out, err } = await cli([...args, '--max-bad', '0.4']);
    expect([code, out]).toEqual([0, expect.stringMatching(/ of 6 samples; 1 shards in /)]);
    expect(err).toMatch(/4 of 10 samples are bad:\n[\s\S]* {2}undecodable: 2\n/);
    expect(await readBack(output)).toHaveLength(6);
    const reasons = { 'missing-caption': { count: 2 }, undecodable: { count: 2 } };
    const [result] = (await cli([...args, '--max-bad', '0.4', '--json'])).json();
    const shards = [{ path: join(output, 'shard-000000.tar'), samples: 6 }];
    expect(result).toMatchObject({ samples: 6, bad: { read: 10, bad: 4, reasons }, shards });
    expect(await readdir(output)).toEqual(['shard-000000.tar']);
  });
});

it('gives up early where most samples are bad, and judges small sets at their end', async () => {
  const check = sampleCheck(0.1);
  const bad: BadSample = { reason: 'too-large', source: 'set', key: 'x', detail: 'is too large' };
  for (let i = 0; i < 99; i++) check.onBad(bad);
  expect(() => check.onBad(bad)).toThrow(/100 of 100 samples are bad, most often too-large: 100/);
  const none = sampleCheck(0).through((async function* () {})());
  expect(await none.next()).toMatchObject({ done: true });
});
