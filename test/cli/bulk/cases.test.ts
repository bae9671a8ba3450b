import { copyFileSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteFile } from 'hyparquet-writer';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { parseNpyHeader } from '../../../src/checkpoint/numpy/npy.ts';
import { openSafetensors } from '../../../src/checkpoint/safetensors/reader.ts';
import { writeTar } from '../../data/sources/tar.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../models.ts';
import { saveScriptedDecoder } from '../scriptedDecoder.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const path = (...names: string[]) => join(folder, ...names);
const MODEL = path('model');
const engine = ['--model', MODEL, '--threads', '1'];
const picture = await readFile(IMAGES[0]!);
const torn = picture.subarray(0, 60);

const embed = (...args: string[]) => cli(['embed', ...args, ...engine]);
const namesOf = async (...args: string[]) =>
  (await embed(...args, '--json')).json().map(({ input }) => basename(String(input)));

beforeAll(async () => {
  await saveTinyModel(MODEL);
  await saveScriptedDecoder(MODEL, [{ question: { task: 'captioning' }, answer: ' a cat' }]);
  mkdirSync(path('store'));
  mkdirSync(path('onebad'));
  mkdirSync(path('links'));
  for (const [i, image] of IMAGES.entries()) copyFileSync(image, path('store', `${i}.png`));
  for (let i = 0; i < 6; i++) await writeFile(path('onebad', `${i}.png`), i === 3 ? torn : picture);
  copyFileSync(IMAGES[2]!, path('links', 'real.png'));
  for (let i = 0; i < 2; i++) await symlink(`../store/${i}.png`, path('links', `link${i}.png`));
  await symlink('..', path('links', 'circle'));
});

describe('inputs', () => {
  it('are links to pictures too; links to folders are left out, and that is said', async () => {
    const { out, err, code } = await embed(path('links'));
    expect([code, out.trim().split('\n').length]).toEqual([0, 3]);
    expect(err).toBe('left out: 1 link to a folder\n');
    mkdirSync(path('onlylinks'));
    await symlink('../store/0.png', path('onlylinks', 'a.png'));
    expect(await namesOf(path('onlylinks'))).toEqual(['a.png']);
  });

  it('are files by all endings of images; others are counted', async () => {
    mkdirSync(path('exts'));
    const jpeg = await sharp(picture).jpeg().toBuffer();
    for (const name of ['0.jfif', '1.JFIF', '2.jpe', '5.jpg']) await writeFile(path('exts', name), jpeg);
    await writeFile(path('exts', '4.tiff'), await sharp(picture).tiff().toBuffer());
    for (const name of ['0.txt', 'notes.md', 'drawing.svg']) await writeFile(path('exts', name), 'x');
    const { code, err, out } = await embed(path('exts'), '--json');
    expect([code, out.trim().split('\n').length]).toEqual([0, 5]);
    expect(JSON.parse(err)).toMatchObject({
      count: 5,
      bad: { read: 5, bad: 0 },
      skipped: { extensions: { md: 1, svg: 1 }, hidden: 0, folderLinks: 0 },
    });
  });

  it('are globs, braces, and lists in a file or on standard input', async () => {
    expect(await namesOf(path('store', '{0..1}.png'))).toEqual(['0.png', '1.png']);
    expect(await namesOf(path('**', '?.png'))).toHaveLength(9);
    const list = `${path('store', '2.png')}\n${path('missing.png')}\n${path('links')}\n`;
    await writeFile(path('list.txt'), list);
    const fromFile = await embed('--from', path('list.txt'), '--json', '--max-bad', '0.3');
    expect(fromFile.code).toBe(0);
    expect(fromFile.json().map(({ input }) => basename(String(input)))).toEqual([
      '2.png',
      'link0.png',
      'link1.png',
      'real.png',
    ]);
    expect(JSON.parse(fromFile.err).bad.reasons.unreadable.examples[0].key).toBe(path('missing.png'));
    const score = ['score', '--image', '-', '--text', 'a', '--json', '--max-bad', '0.3', ...engine];
    expect((await cli(score, { stdin: list })).json()).toHaveLength(4);
    const empty = await cli(['score', '--image', '-', '--text', 'a', ...engine]);
    expect([empty.code, empty.err]).toEqual([1, expect.stringMatching(/there are no inputs: the list/)]);
    const twice = await cli(['classify', '-', '--labels-file', '-', ...engine], { stdin: list });
    expect([twice.code, twice.err]).toEqual([2, expect.stringMatching(/standard input is named twice/)]);
  });

  it('are shards and parquet files, with and without captions, and a folder of them', async () => {
    mkdirSync(path('shards'));
    await writeTar(path('shards', 'a.tar'), {
      'x.png': picture,
      'y.png': picture,
      'y.txt': 'a caption',
      'z.png': torn,
    });
    const data = [new Uint8Array(picture), new Uint8Array(picture)];
    parquetWriteFile({
      filename: path('shards', 'b.parquet'),
      columnData: [
        { name: 'key', type: 'STRING', data: ['p', 'q'] },
        { name: 'image', type: 'BYTE_ARRAY', data },
      ],
    });
    const output = path('shards.jsonl');
    const { code, err } = await embed(path('shards'), '--output', output, '--max-bad', '0.3');
    expect(code).toBe(0);
    expect(err).toContain(`1 of 5 inputs are bad:\n  undecodable: 1\n    ${path('shards', 'a.tar')}#z: `);
    const rows = (await readFile(output, 'utf8'))
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    expect(rows.map(({ input }) => basename(input))).toEqual([
      'a.tar#x',
      'a.tar#y',
      'b.parquet#p',
      'b.parquet#q',
    ]);
    for (const { embedding } of rows) expect(embedding).toEqual(rows[0].embedding);
    parquetWriteFile({
      filename: path('odd.parquet'),
      columnData: [{ name: 'picture', type: 'BYTE_ARRAY', data: data.slice(0, 1) }],
    });
    expect((await embed(path('odd.parquet'))).err).toMatch(/no column holds images.*--image-column/);
    expect(await namesOf(path('odd.parquet'), '--image-column', 'picture')).toEqual(['odd.parquet#0']);
  });

  it('of text are UTF-8 or UTF-16 with a mark; others are refused by file and line, in every command', async () => {
    const lines = 'red disc\nGröße 大\n';
    const utf16 = Buffer.from(`\uFEFF${lines}`, 'utf16le');
    const files = {
      'utf8.txt': Buffer.from(lines),
      'utf16le.txt': utf16,
      'utf16be.txt': Buffer.from(utf16).swap16(),
    };
    const rows: unknown[] = [];
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(path(name), bytes);
      rows.push((await embed('--texts-file', path(name), '--json')).json());
    }
    expect(rows[0]).toHaveLength(2);
    expect(rows[1]).toEqual(rows[0]);
    expect(rows[2]).toEqual(rows[0]);
    const latin = path('latin1.txt');
    await writeFile(latin, Buffer.from('red disc\nGr\u00f6\u00dfe\n', 'latin1'));
    const image = path('store', '0.png');
    const data = ['--data', path('store'), '--output', path('none')];
    for (const args of [
      ['embed', '--texts-file', latin, ...engine],
      ['embed', '--from', latin, ...engine],
      ['score', '--image', image, '--texts-file', latin, ...engine],
      ['classify', image, '--labels-file', latin, ...engine],
      ['classify', image, '--labels', 'a', '--templates', latin, ...engine],
      ['caption', '--from', latin, ...engine],
      ['annotate', ...data, '--categories', latin, ...engine],
      ['debias', ...data, '--lexicon', latin],
      ['trim', '--model', MODEL, '--corpus', latin, '--output', path('trimmed')],
    ]) {
      const { code, err } = await cli(args);
      expect(err, args.join(' ')).toMatch(/latin1\.txt: line 2 is not valid UTF-8: save the file as UTF-8/);
      expect(code).toBe(1);
    }
  });
});

it('a command without an output that is stopped has printed what it did, and says how it could go on', async () => {
  const { code, out, err } = await cli(['embed', path('store'), '--json', ...engine], {
    onListening: (interrupt) => interrupt(),
  });
  expect([code, out]).toEqual([130, '']);
  expect(err).toMatch(/stopped after 0 results; with --output a stopped command can go on/);
});

describe('one broken file', () => {
  const commands: readonly (readonly [string, ...string[]])[] = [
    ['embed', path('onebad')],
    ['score', '--image', path('onebad'), '--text', 'a cat'],
    ['classify', path('onebad'), '--labels', 'a,b'],
    ['caption', path('onebad')],
  ];

  test.each(commands)(
    '%s: what waits in the journal is written as if nothing had stopped',
    async (...args) => {
      const [whole, late] = [path(`${args[0]}-whole.jsonl`), path(`${args[0]}-late.jsonl`)];
      const run = (output: string, onListening?: () => void) =>
        cli([...args, '--output', output, '--max-bad', '0.2', ...engine], onListening && { onListening });
      expect((await run(whole)).code).toBe(0);
      // In the way of the output from the start of the work until all is done.
      expect((await run(late, () => mkdirSync(late))).code).toBe(1);
      rmdirSync(late);
      const { code, err } = await run(late);
      expect([code, err]).toEqual([0, expect.stringContaining('continuing: 6 results of an earlier start')]);
      expect(await readFile(late, 'utf8')).toBe(await readFile(whole, 'utf8'));
    },
  );

  test.each(commands)(
    '%s: the others are written, it is named, the share decides the exit code',
    async (...args) => {
      const output = path(`${args[0]}.jsonl`);
      const result = await cli([...args, '--output', output, ...engine]);
      expect(result.code).toBe(3);
      expect(result.err).toMatch(
        /1 of 6 inputs are bad:\n {2}undecodable: 1\n {4}.*3\.png: can't be decoded/,
      );
      expect(result.err).toMatch(
        /more than --max-bad 0\.1; the results of the others are in .*\.jsonl\. Repair/,
      );
      expect((await readFile(output, 'utf8')).trim().split('\n')).toHaveLength(5);
      const listed = JSON.parse(await readFile(`${output}.bad.jsonl`, 'utf8'));
      expect(listed).toMatchObject({ input: path('onebad', '3.png'), reason: 'undecodable' });
      const allowed = await cli([...args, '--output', output, '--max-bad', '0.2', '--json', ...engine]);
      expect(allowed.code).toBe(0);
      expect(allowed.json()).toMatchObject([
        { output, count: 5, bad: { read: 6, bad: 1, reasons: { undecodable: { count: 1 } } } },
      ]);
      // Printed results are a line each, and nothing else is.
      const printed = await cli([...args, '--max-bad', '0.2', '--json', ...engine]);
      expect([printed.code, printed.json().length]).toEqual([0, 5]);
      expect(JSON.parse(printed.err)).toMatchObject({ count: 5, bad: { bad: 1 } });
    },
  );
});

describe('--output', () => {
  const files = path('onebad', '[01].png');
  const args = [files, '--text', 'a "cat", sat', '--json'];
  const write = async (name: string) => (await embed(...args, '--output', path(name))).json()[0]!;

  it('decides the format by its ending; the numbers are the same', async () => {
    const inputs = [path('onebad', '0.png'), path('onebad', '1.png'), 'a "cat", sat'];
    const rows = (await embed(...args)).json();
    const expected = rows.map(({ embedding }) => Float32Array.from(embedding as number[]));
    const width = expected[0]!.length;

    await write('x.safetensors');
    const file = await openSafetensors(path('x.safetensors'));
    const { data } = await file.readFloat32('embeddings');
    await file.close();
    expect(JSON.parse(file.metadata['inputs']!)).toEqual(inputs);
    expect(JSON.parse(file.metadata['kinds']!)).toEqual(['image', 'image', 'text']);
    for (const [i, row] of expected.entries()) expect(data.slice(i * width, (i + 1) * width)).toEqual(row);

    expect((await write('x.npy'))['files']).toEqual([path('x.npy'), path('x.names.jsonl')]);
    const npy = await readFile(path('x.npy'));
    const header = parseNpyHeader(npy, npy.length, 'x.npy', 'x');
    expect(header).toMatchObject({ dtype: 'float32', shape: [3, width], fortran: false });
    expect(header.headerLength % 64).toBe(0);
    expect(
      npy.subarray(header.headerLength).equals(Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
    ).toBe(true);
    const names = (await readFile(path('x.names.jsonl'), 'utf8')).trim().split('\n');
    expect(names.map((line) => JSON.parse(line).input)).toEqual(inputs);

    await write('x.parquet');
    const bytes = await readFile(path('x.parquet'));
    const table = await parquetReadObjects({ file: Uint8Array.from(bytes).buffer });
    expect(table.map(({ kind, input }) => [kind, input])).toEqual(
      rows.map(({ kind, input }) => [kind, input]),
    );
    expect(table.map(({ embedding }) => Float32Array.from(embedding))).toEqual(expected);

    await write('x.jsonl');
    expect(
      (await readFile(path('x.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);

    await write('x.csv');
    const [head, ...lines] = (await readFile(path('x.csv'), 'utf8')).trim().split('\n');
    expect(head).toMatch(/^kind,input,embedding_0,embedding_1,/);
    expect(lines[2]).toMatch(/^text,"a ""cat"", sat",/);
    expect(Float32Array.from(lines[0]!.split(',').slice(2).map(Number))).toEqual(expected[0]);
  });

  it('of score and classify is an array with named columns, or a table of pairs', async () => {
    const scores = path('scores.safetensors');
    await cli(['score', '--image', files, '--text', 'a', 'b', '--output', scores, ...engine]);
    const file = await openSafetensors(scores);
    expect((await file.readFloat32('probabilities')).shape).toEqual([2, 2]);
    await file.close();
    expect(JSON.parse(file.metadata['columns']!)).toEqual(['a', 'b']);
    const labels = path('labels.csv');
    await cli(['classify', files, '--labels', 'a,b', '--top', '1', '--output', labels, ...engine]);
    expect((await readFile(labels, 'utf8')).trim().split('\n')).toEqual([
      'image,label,probability',
      expect.stringMatching(/0\.png,[ab],0\.\d+$/),
      expect.stringMatching(/1\.png,[ab],0\.\d+$/),
    ]);
  });

  it('where nothing can be written is said by name; a folder that is missing is made', async () => {
    await writeFile(path('file'), 'x');
    const { code, err } = await embed(files, '--output', path('file', 'x.npy'));
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/x\.npy\.part cannot be written .*or write elsewhere/),
    ]);
    expect((await embed(files, '--output', path('new', 'deep', 'x.npy'))).code).toBe(0);
    expect(readdirSync(path('new', 'deep'))).toEqual(['x.names.jsonl', 'x.npy']);
  });

  it('of another ending, or that is a folder, is refused before anything is loaded', async () => {
    await mkdir(path('folder.npy'));
    const before = readdirSync(folder);
    for (const [args, message] of [
      [
        ['embed', files, '--output', path('x.txt')],
        /x\.txt": unknown format; give a name that ends in \.safetensors, \.npy, \.parquet, \.jsonl or \.csv/,
      ],
      [['score', '--image', files, '--text', 'a', '--output', path('x')], /unknown format/],
      [['embed', files, '--output', path('folder.npy')], /folder\.npy", which is a folder; name a file/],
      [
        ['caption', files, '--output', path('x.npy')],
        /\.npy holds one array of numbers, which these .*\.parquet, \.jsonl or \.csv/,
      ],
      [['classify', files, '--labels', 'a', '--top', '1', '--output', path('x.npy')], /\.npy holds/],
    ] as const) {
      const { code, err } = await cli([...args, '--model', path('nowhere')]);
      expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    }
    expect(readdirSync(folder)).toEqual(before);
  });
});
