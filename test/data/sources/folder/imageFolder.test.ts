import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSample } from '../../../../src/data/samples/decodeSample.ts';
import type { Read } from '../../../../src/data/samples/sample.ts';
import { type ImageFolderOptions, imageFolder } from '../../../../src/data/sources/folder/imageFolder.ts';
import { picture, temporaryFolder } from '../../pictures.ts';

const root = temporaryFolder();
const image = await picture(1);
let folders = 0;

/** A folder of the files, read whole. */
async function read(files: Readonly<Record<string, string | Uint8Array>>, options: ImageFolderOptions = {}) {
  const folder = join(root, `set-${folders++}`);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const source = await imageFolder(folder, { name: 'set', ...options });
  const reads = await Promise.all(Array.from({ length: source.size }, (_, i) => source.read(i)));
  return { folder, source, reads };
}

/** `key: captions` for a sample, `reason key` for a bad one. */
const short = ({ sample, bad }: Read) =>
  sample
    ? `${sample.key}: ${sample.captions.map(({ text, language }) => (language ? `${text} [${language}]` : text)).join(' | ')}`
    : `${bad.reason} ${bad.key}`;

describe('a folder of images', () => {
  it('takes captions from a text file beside the image', async () => {
    const { folder, reads } = await read({
      'b/1.jpg': image,
      'b/1.txt': '\ufeffa cat\r\n\r\nno dog\r\n',
      'a.png': image,
      'a.txt': 'x',
    });
    expect(reads.map(short)).toEqual(['a.png: x', 'b/1.jpg: a cat | no dog']);
    expect(reads[1]!.sample).toMatchObject({ source: 'set', image: join(folder, 'b/1.jpg') });
    expect((await decodeSample(reads[1]!)).decoded!.image).toMatchObject({ width: 6, height: 4 });
  });

  it('takes captions from JSON lines, as several tools write them, relative to the file', async () => {
    const box = { y1: 0, x1: 0, y2: 0.5, x2: 1 };
    const lines = [
      { file_name: '1.png', text: 'one', additional: 7 },
      { file: 'deep/2.png', caption: 'zwei', language: 'de' },
      { image: '3.png', captions: ['three', { text: 'trois', language: 'fr' }], lang: 'en' },
      { file_name: './3.png', caption: 'third', regions: [{ box, text: 'a part' }] },
    ];
    const { reads } = await read({
      ...Object.fromEntries(['1', 'deep/2', '3'].map((name) => [`in/${name}.png`, image])),
      // The line's words go before a file beside the image.
      'in/1.txt': 'not this',
      'in/captions.jsonl': lines.map((line) => JSON.stringify(line)).join('\n\n'),
    });
    expect(reads.map(short).sort()).toEqual([
      'in/1.png: one',
      'in/3.png: three [en] | trois [fr] | third',
      'in/deep/2.png: zwei [de]',
    ]);
    expect(reads.find(({ sample }) => sample!.regions)!.sample!.regions).toEqual([{ box, text: 'a part' }]);
  });

  it('takes captions from CSV, with quotes and several rows per image', async () => {
    const { reads } = await read({
      '1.png': image,
      'captions.csv': 'File_Name,caption,language\n1.png,"a ""big"", red\ncat",en\n1.png,un chat,fr\n',
    });
    expect(reads.map(short)).toEqual(['1.png: a "big", red\ncat [en] | un chat [fr]']);
  });

  it('takes the folder’s name only when it is told to', async () => {
    const files = { 'red_panda/1.png': image, 'top.png': image };
    expect((await read(files)).reads.map(short)).toEqual([
      'missing-caption red_panda/1.png',
      'missing-caption top.png',
    ]);
    const labelled = await read(files, { folderLabels: true, language: 'en' });
    expect(labelled.reads.map(short)).toEqual(['red_panda/1.png: red panda [en]', 'missing-caption top.png']);
  });

  it('reports lines that can’t be used, and goes on', async () => {
    const { reads } = await read({
      '1.png': image,
      'captions.jsonl': [
        '{"file_name": ',
        '{"text": "x"}',
        '{"file_name": "1.png", "text": 7}',
        '{"file_name": "1.png", "text": "x"}',
        '{"file_name": "2.png", "text": "x"}',
      ].join('\n'),
      'metadata.csv': 'file_name,text\n1.png,y\n1.png,"open\n',
    });
    expect(reads.map(short)).toEqual([
      '1.png: x | y',
      'malformed-metadata captions.jsonl:1',
      'malformed-metadata captions.jsonl:2',
      'malformed-metadata captions.jsonl:3',
      'malformed-metadata metadata.csv:3',
      'missing-image 2.png',
    ]);
    expect(reads[3]!.bad!.detail).toContain('text');
  });

  it('loses no line of a CSV file to a bad one, and names its line', async () => {
    const names = ['1', '2', '3', '4', '5'].map((name) => `${name}.png`);
    const { reads } = await read({
      ...Object.fromEntries(names.map((name) => [name, image])),
      'captions.csv':
        'file_name,caption\n1.png,"one\nand a half"\n2.png,a sign that says "STOP" on it\n\n3.png,three\n4.png,four,4\n5.png,five\n',
    });
    expect(reads.map(short)).toEqual([
      ...['1.png: one\nand a half', 'missing-caption 2.png', '3.png: three', 'missing-caption 4.png'],
      ...['5.png: five', 'malformed-metadata captions.csv:4', 'malformed-metadata captions.csv:7'],
    ]);
    expect(reads.at(-2)!.bad!.detail).toMatch(/quote/i);
  });

  it.each([
    ['file_name;caption', /separated by semicolons: separate them by commas/],
    ['caption\tfile', /separated by tabs/],
    ['url,caption', /no column with the images' names: url, caption: name one file_name/],
  ])('says what is wrong with the header %s, once', async (header, reason) => {
    const lines = [header, ...Array(20).fill('1.png;x')];
    const { reads } = await read({ '1.png': image, 'captions.csv': `${lines.join('\n')}\n` });
    expect(reads.map(short)).toEqual(['missing-caption 1.png', 'malformed-metadata captions.csv:1']);
    expect(reads[1]!.bad!.detail).toMatch(reason);
  });

  it('refuses paths that lead out of the folder', async () => {
    const paths = ['/etc/a.png', '../a.png', 'x/../../a.png', 'C:\\a.png', '..\\a.png'];
    const { reads } = await read({
      '1.png': image,
      '1.txt': 'x',
      'captions.jsonl': paths.map((path) => JSON.stringify({ file_name: path, text: 'x' })).join('\n'),
    });
    expect(reads.map((r) => r.bad?.reason ?? 'good')).toEqual(['good', ...paths.map(() => 'unsafe-path')]);
  });

  it('does not run in circles, and survives what is no image file', async () => {
    const { folder } = await read({ 'a/1.png': image, 'a/1.txt': 'x', '.hidden/2.png': image });
    symlinkSync(folder, join(folder, 'a', 'loop'));
    symlinkSync('nowhere', join(folder, 'gone.png'));
    writeFileSync(join(folder, 'gone.txt'), 'x');
    const source = await imageFolder(folder);
    expect(source.size).toBe(2);
    const gone = await decodeSample(await source.read(1));
    expect(gone.bad).toMatchObject({ reason: 'unreadable', key: 'gone.png' });
    writeFileSync(join(folder, 'a/1.txt'), new Uint8Array([0xff]));
    expect((await source.read(0)).bad!.reason).toBe('malformed-metadata');
  });

  it('says when there is nothing', async () => {
    await expect(imageFolder(join(root, 'nowhere'))).rejects.toThrow(/nowhere: can't be read/);
    await expect(read({ 'a.txt': 'x' })).rejects.toThrow(/holds no image \(jpg/);
  });
});
