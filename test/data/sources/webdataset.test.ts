import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Read, Sample } from '../../../src/data/samples/sample.ts';
import { createTally, tallyText } from '../../../src/data/samples/tally.ts';
import { writeShards } from '../../../src/data/shards/writeShards.ts';
import type { ShardedSource, SourceOptions } from '../../../src/data/sources/source.ts';
import { splitMemberName } from '../../../src/data/sources/webdataset/group.ts';
import { webdataset } from '../../../src/data/sources/webdataset/webdataset.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';
import { collect, picture, temporaryFolder } from '../pictures.ts';
import { type Members, patchHeader, tarOf, writeTar } from './tar.ts';

const folder = temporaryFolder();
let files = 0;
const newPath = () => join(folder, `hostile-${files++}.tar`);

async function readBytes(archive: Uint8Array, options?: SourceOptions) {
  const path = newPath();
  writeFileSync(path, archive);
  return await collect((await webdataset(path, { name: 'set', ...options })).open(0, 0));
}

const read = async (members: Members, options?: SourceOptions) => readBytes(await tarOf(members), options);

/** `key` for a sample, `reason key` for a bad one. */
const short = ({ sample, bad }: Read) => (sample ? sample.key : `${bad.reason} ${bad.key}`);

const [one, two] = [new Uint8Array(await picture(1)), new Uint8Array(await picture(2, 'jpeg'))];

describe('WebDataset shards', () => {
  it('group members by key; captions come from JSON, else from text', async () => {
    const reads = await read({
      'a/000.jpg': two,
      'a/000.txt': 'a cat \n\n two cats\n',
      'a/000.json': '{"url": "http://example.com", "width": 3}',
      'a/001.png': one,
      'a/001.txt': 'not this',
      'a/001.json': JSON.stringify({ key: 'k1', caption: 'ein Hund', language: 'de' }),
      'a/001.cls': '7',
      '002.seg.png': one,
      '002.webp': one,
      '002.txt': 'x',
    });
    expect(reads.map(({ sample }) => sample)).toEqual([
      { key: 'a/000', source: 'set', image: two, captions: [{ text: 'a cat' }, { text: 'two cats' }] },
      { key: 'k1', source: 'set', image: one, captions: [{ text: 'ein Hund', language: 'de' }] },
      { key: '002', source: 'set', image: one, captions: [{ text: 'x' }] },
    ]);
  });

  it('follow the naming rule of WebDataset', () => {
    expect(splitMemberName('a.b/c.seg.png')).toEqual({ key: 'a.b/c', extension: 'seg.png' });
    expect(splitMemberName('x.JPG')).toEqual({ key: 'x', extension: 'jpg' });
    for (const name of ['noextension', '__meta__.json', '.hidden.jpg', 'a/._x.jpg', 'dir/'])
      expect(splitMemberName(name)).toBeUndefined();
  });

  it('go on from any place', async () => {
    const path = newPath();
    await writeTar(
      path,
      Object.fromEntries(
        // Long names need an extended header, which belongs to the next member.
        Array.from({ length: 5 }, (_, i) => i).flatMap((i) => [
          [`${'long'.repeat(40)}${i}.png`, one],
          [`${'long'.repeat(40)}${i}.txt`, `caption ${i}`],
        ]),
      ),
    );
    const source = await webdataset(path);
    const all = await collect(source.open(0, 0));
    expect(all).toHaveLength(5);
    for (let i = 0; i < 5; i++) expect(await collect(source.open(0, all[i]!.next))).toEqual(all.slice(i + 1));
  });

  it('are named by braces, and a missing one is an error at once', async () => {
    for (const name of ['000', '001', '002'])
      await writeTar(join(folder, `s-${name}.tar`), { [`${name}.png`]: one, [`${name}.txt`]: 'x' });
    const source = await webdataset(join(folder, 's-{000..002}.tar'));
    expect(source.shards.map((path) => path.slice(-7))).toEqual(['000.tar', '001.tar', '002.tar']);
    await expect(webdataset(join(folder, 's-{000..003}.tar'))).rejects.toThrow(/s-003.tar: can't be read/);
    await expect(webdataset(folder)).rejects.toThrow(/not a file/);
  });

  it('give a caption without language the one that the source is told', async () => {
    const [result] = await read({ 'a.png': one, 'a.txt': 'x' }, { language: 'en' });
    expect(result!.sample!.captions).toEqual([{ text: 'x', language: 'en' }]);
  });
});

describe('hostile shards', () => {
  const good: Members = { 'good.png': one, 'good.txt': 'fine' };

  it('name what a sample lacks', async () => {
    const reads = await read({
      'a.png': one,
      'b.txt': 'no image',
      'c.png': one,
      'c.txt': ' \n',
      'd.png': '',
      'd.txt': 'x',
      ...good,
    });
    expect(reads.map(short)).toEqual([
      'missing-caption a',
      'missing-image b',
      'missing-caption c',
      'undecodable d',
      'good',
    ]);
    const kept = await read({ 'a.png': one }, { keepUncaptioned: true });
    expect(kept.map(short)).toEqual(['a']);
  });

  it('name malformed metadata', async () => {
    const reads = await read({
      'a.png': one,
      'a.json': '{"caption": ',
      'b.png': one,
      'b.json': '{"caption": 7}',
      'c.png': one,
      'c.json': JSON.stringify({ regions: [{ box: { y1: 0, x1: 0, y2: 7, x2: 1 }, text: 'x' }] }),
      'd.png': one,
      'd.txt': new Uint8Array([0xff, 0x41]),
      'e.png': one,
      'e.json': '['.repeat(1000),
      ...good,
    });
    expect(reads.map(short)).toEqual([
      ...['a', 'b', 'c', 'd', 'e'].map((key) => `malformed-metadata ${key}`),
      'good',
    ]);
    expect(reads[1]!.bad!.detail).toContain('caption');
  });

  it('lose a field to what is odd in it, never the sample, and say so', async () => {
    const odd = [
      '{"punsafe": NaN, "caption": "not NaN", "similarity": -Infinity}',
      '{"key": 7, "width": 48}',
      '{"caption": 7, "language": ["de"]}',
      '{"caption": NaN, "regions": "none"}',
      '{"captions": ["a", 7, {"text": "b", "language": "fr"}], "regions": [{"text": "x"}]}',
      '{"caption": ',
      '[]',
    ];
    const members = odd.map((json, i) => [
      [`${i}.png`, one],
      [`${i}.json`, json],
      [`${i}.txt`, 'from the text'],
    ]);
    const reads = await read(Object.fromEntries(members.flat()), { language: 'en' });
    expect(
      reads.map(({ sample, bad }) => bad ?? [sample!.key, ...sample!.captions.map((c) => c.text)]),
    ).toEqual([
      ['0', 'not NaN'],
      ['7', 'from the text'],
      ['2', 'from the text'],
      ['3', 'from the text'],
      ['4', 'a', 'b'],
      ['5', 'from the text'],
      ['6', 'from the text'],
    ]);
    const told = reads.map(({ sample }) => sample!.odd ?? []);
    expect(told.map((lines) => lines.length)).toEqual([0, 0, 2, 1, 2, 1, 1]);
    expect(told[2]![0]).toMatch(/^caption: /);
    const tally = createTally();
    for (const { sample } of reads) tally.good(sample);
    expect(tally.report()).toMatchObject({ read: 7, bad: 0, odd: { count: 5 } });
    expect(tallyText(tally.report())).toMatch(
      /0 of 7 samples are bad\n5 used without a part .*\n {2}set: 2: caption/,
    );
  });

  it('refuse paths that lead out, and write nothing', async () => {
    const reads = await read({
      '/etc/a.png': one,
      '../b.png': one,
      'x/../../c.png': one,
      'C:\\d.png': one,
      '..\\e.png': one,
      ...good,
    });
    expect(reads.map((r) => r.bad?.reason ?? r.sample!.key)).toEqual([
      ...Array(5).fill('unsafe-path'),
      'good',
    ]);
    expect(readdirSync(folder).filter((name) => !name.endsWith('.tar'))).toEqual([]);
  });

  it.each([
    ['1', 'link'],
    ['2', 'symlink'],
    ['3', 'character-device'],
    ['6', 'fifo'],
    ['Z', 'unknown type'],
  ])('refuse a member of type %s', async (flag, name) => {
    const archive = await tarOf({ 'a.png': '', 'a.txt': 'x', ...good });
    patchHeader(archive, 0, (header) => {
      header.write(flag, 156);
      header.write('/etc/passwd', 157);
    });
    const reads = await readBytes(archive);
    expect(reads.map(short)).toEqual(['not-a-file a', 'good']);
    expect(reads[0]!.bad!.detail).toContain(name);
  });

  it('pass over what is too large without holding it', async () => {
    const reads = await read(
      { 'a.png': Buffer.alloc(3000), 'a.txt': 'x', 'b.bin': Buffer.alloc(5000), 'b.png': one, 'b.txt': 'y' },
      { maxImageBytes: 2000 },
    );
    expect(reads.map(short)).toEqual(['too-large a', 'b']);
  });

  it('allocate nothing for a size that is a lie', async () => {
    const archive = await tarOf({ ...good, 'a.png': one, 'a.txt': 'x' });
    const offset = archive.indexOf('a.png');
    for (const size of ['77777777777', '00000400000']) {
      const lying = Buffer.from(archive);
      patchHeader(lying, offset, (header) => header.write(`${size}\0`, 124));
      const before = process.memoryUsage().arrayBuffers;
      const reads = await readBytes(lying, { maxImageBytes: 2 ** 16 });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
      expect(reads.map((r) => r.bad?.reason ?? r.sample!.key)).toEqual(['good', 'truncated-archive']);
    }
    // Within the limit: what is there is read, and the archive ends early.
    patchHeader(archive, offset, (header) => header.write('00000400000\0', 124));
    expect((await readBytes(archive)).map((r) => r.bad?.reason ?? r.sample!.key)).toEqual([
      'good',
      'truncated-archive',
    ]);
  });

  it.each(Array.from({ length: 127 }, (_, i) => 0x81 + i))(
    'refuse a size that begins with %i',
    async (byte) => {
      const archive = await tarOf({ ...good, 'a.png': one, 'a.txt': 'x' });
      for (const rest of [0, 0xff]) {
        const lying = Buffer.from(archive);
        patchHeader(lying, lying.indexOf('a.png'), (header) =>
          header.fill(rest, 125, 136).fill(byte, 124, 125),
        );
        const reads = await readBytes(lying);
        expect(reads.map((r) => r.bad?.reason)).toEqual(['corrupt-archive']);
        expect(reads[0]!.bad!.detail).toContain('size');
      }
    },
  );

  it('read a size in base 256, and refuse one that no archive can have', async () => {
    const archive = await tarOf({ ...good, 'a.png': one, 'a.txt': 'x' });
    const reasonOf = async (size: readonly number[]) => {
      const patched = Buffer.from(archive);
      patchHeader(patched, patched.indexOf('a.png'), (header) =>
        header
          .fill(0, 124, 136)
          .fill(0x80, 124, 125)
          .set(size, 136 - size.length),
      );
      return (await readBytes(patched)).map((r) => r.bad?.reason ?? r.sample!.key);
    };
    expect(await reasonOf([one.length >> 8, one.length & 255])).toEqual(['good', 'a']);
    expect(await reasonOf([1, 0, 0, 0, 0, 0])).toEqual(['good', 'truncated-archive']);
    expect(await reasonOf(Array(11).fill(0xff))).toEqual(['corrupt-archive']);
  });

  it.each(['-1', '1e9', '99999999999999999999', 'NaN', ''])('refuse a pax size of %s', async (size) => {
    const record = (length: number): string => {
      const text = `${length} size=${size}\n`;
      return text.length === length ? text : record(text.length);
    };
    const archive = await tarOf({ ...good, note: record(9), 'a.png': one, 'a.txt': 'x' });
    patchHeader(archive, archive.indexOf('note'), (header) => header.write('x', 156));
    expect((await readBytes(archive)).map((r) => r.bad?.reason)).toEqual(['corrupt-archive']);
  });

  it('are refused at once where they are compressed', async () => {
    const path = `${newPath()}.gz`;
    writeFileSync(path, gzipSync(await tarOf(good)));
    await expect(webdataset(path)).rejects.toThrow(/tar\.gz: is compressed with gzip.*gunzip/);
  });

  it('end at a broken place, wherever it is; what comes before stays', async () => {
    const archive = await tarOf({ ...good, 'b.png': one, 'b.txt': 'cut short?', 'a.png': one, 'a.txt': 'x' });
    const start = archive.indexOf('a.png');
    for (const length of [start + 100, start + 512 + 20, archive.indexOf('a.txt') + 512]) {
      const reads = await readBytes(archive.subarray(0, length));
      expect(reads.at(-1)!.bad?.reason, `cut at ${length}`).toBe('truncated-archive');
    }
    const corrupt = Buffer.from(archive);
    corrupt[start] = 0;
    const reads = await readBytes(corrupt);
    expect(reads.map((r) => r.bad?.reason ?? r.sample!.key)).toEqual(['good', 'corrupt-archive']);
    // And a reader that is told to go on behind it finds nothing more.
    const path = newPath();
    writeFileSync(path, corrupt);
    expect(await collect((await webdataset(path)).open(0, reads.at(-1)!.next))).toEqual([]);
  });

  it('that are no archive at all give one reason', async () => {
    expect((await readBytes(one)).map((r) => r.bad?.reason)).toEqual(['truncated-archive']);
    expect((await readBytes(Buffer.alloc(4096, 7))).map((r) => r.bad?.reason)).toEqual(['corrupt-archive']);
    expect(await readBytes(Buffer.alloc(0))).toEqual([]);
  });

  it('refuse a second image of a sample', async () => {
    const reads = await read({ 'a.png': one, 'a.jpg': two, 'a.txt': 'x', ...good });
    expect(reads.map(short)).toEqual(['duplicate-member a', 'good']);
  });

  it('put no control characters into reports', async () => {
    const [result] = await read({ 'a\u001b[31m.png': one });
    expect(result!.bad!.key).toBe('a\ufffd[31m');
  });

  it('leave no file open when reading stops early', async () => {
    const source = await webdataset(join(folder, 's-{000..002}.tar'));
    const open = () => readdirSync('/proc/self/fd').length;
    if (process.platform !== 'linux') return;
    const before = open();
    for (let i = 0; i < 20; i++) await collect(source.open(i % 3, 0), 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(open()).toBeLessThanOrEqual(before + 2);
  });
});

describe('writeShards', () => {
  const region = { box: { y1: 0.1, x1: 0.2, y2: 0.5, x2: 0.9 }, text: 'a paw', score: 0.4 };
  const sample = (i: number): Sample => ({
    key: `any key/${i}.x`,
    source: 's',
    image: i % 2 ? two : one,
    captions: [
      { text: `caption ${i}`, language: 'en' },
      { text: 'noch eine', language: 'de' },
    ],
    ...(i === 3 && { regions: [region] }),
  });
  const samples = Array.from({ length: 7 }, (_, i) => sample(i));
  const readAll = async (source: ShardedSource) =>
    (await Promise.all(source.shards.map((_, shard) => collect(source.open(shard, 0))))).flat();

  it('writes what webdataset reads back', async () => {
    const seen: string[] = [];
    const options = { folder: join(folder, 'out'), maxSamples: 3, firstShard: 4 };
    const shards = await writeShards(samples, { ...options, onShard: ({ path }) => void seen.push(path) });
    expect(shards.map((shard) => shard.samples)).toEqual([3, 3, 1]);
    expect(seen).toEqual(shards.map(({ path }) => path));
    expect(shards.map(({ path, bytes }) => readFileSync(path).length - bytes)).toEqual([0, 0, 0]);
    const source = await webdataset(join(folder, 'out', 'shard-{000004..000006}.tar'), { name: 's' });
    expect((await readAll(source)).map((r) => r.sample)).toEqual(samples);
    const again = await writeShards(samples, { ...options, folder: join(folder, 'again') });
    expect(readFileSync(again[1]!.path)).toEqual(readFileSync(shards[1]!.path));
  });

  it('closes a shard that is large enough', async () => {
    const shards = await writeShards(samples, { folder: join(folder, 'small'), maxBytes: 3000 });
    expect(shards.length).toBeGreaterThan(1);
    expect(shards.reduce((sum, shard) => sum + shard.samples, 0)).toBe(7);
    expect(await writeShards([], { folder: join(folder, 'none') })).toEqual([]);
    await expect(writeShards([], { folder, maxSamples: 0 })).rejects.toThrow(RangeError);
  });

  it('writes decoded pixels without loss, and files from their paths', async () => {
    const pixels = rgbImage(2, 1, Uint8Array.of(1, 2, 3, 250, 251, 252));
    const path = join(folder, 'p.png');
    writeFileSync(path, one);
    const [shard] = await writeShards(
      [
        { ...sample(0), image: pixels },
        { ...sample(1), image: path },
      ],
      { folder: join(folder, 'pixels') },
    );
    const reads = await readAll(await webdataset(shard!.path));
    const { decodeImage } = await import('../../../src/input/image/decode/decodeImage.ts');
    expect(await decodeImage(reads[0]!.sample!.image as Uint8Array)).toEqual(pixels);
    expect(reads[1]!.sample!.image).toEqual(one);
  });

  it('leaves no half-written shard when a sample fails', async () => {
    const out = join(folder, 'failed');
    let closed = false;
    async function* failing() {
      try {
        for (let i = 0; i < 4; i++) yield sample(i);
        yield { ...sample(4), image: Uint8Array.of(1, 2, 3) };
        yield sample(5);
      } finally {
        closed = true;
      }
    }
    await expect(writeShards(failing(), { folder: out, maxSamples: 3 })).rejects.toThrow(/any key\/4.x/);
    expect(readdirSync(out)).toEqual(['shard-000000.tar']);
    expect(closed).toBe(true);
  });
});
