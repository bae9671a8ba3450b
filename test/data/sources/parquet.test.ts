import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetWriteFile } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { openPieces } from '../../../src/data/sources/parquet/file.ts';
import { groupEnds } from '../../../src/data/sources/parquet/group.ts';
import { type ParquetOptions, parquet } from '../../../src/data/sources/parquet/parquet.ts';
import { collect, picture, temporaryFolder } from '../pictures.ts';

const folder = temporaryFolder();
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const pictures = await Promise.all([0, 1, 2, 3, 4].map((i) => picture(i, 'jpeg')));
const texts = ['zero', 'one', ' ', 'three', 'four'];

/** img2dataset's columns; row 3 failed to download. Row groups of two. */
const file = join(folder, 'img2dataset.parquet');
parquetWriteFile({
  filename: file,
  rowGroupSize: 2,
  columnData: [
    { name: 'url', data: texts.map((_, i) => `http://example.com/${i}`), type: 'STRING' },
    { name: 'key', data: texts.map((_, i) => `00000000${i}`), type: 'STRING' },
    { name: 'caption', data: texts, type: 'STRING' },
    { name: 'LANGUAGE', data: ['en', 'de', 'en', 'en', null], type: 'STRING', nullable: true },
    {
      name: 'jpg',
      data: pictures.map((bytes, i) => (i === 3 ? null : new Uint8Array(bytes))),
      type: 'BYTE_ARRAY',
      nullable: true,
    },
  ],
});

const read = async (path: string, options: ParquetOptions = {}, place = 0) =>
  collect((await parquet(path, { name: 'set', ...options })).open(0, place));

describe('parquet files', () => {
  it('in img2dataset’s layout', async () => {
    const reads = await read(file, { language: 'xx' });
    expect(reads.map(({ next }) => next)).toEqual([1, 2, 3, 4, 5]);
    expect(reads.map(({ sample, bad }) => sample ?? `${bad!.reason} ${bad!.key}`)).toEqual([
      {
        key: '000000000',
        source: 'set',
        image: new Uint8Array(pictures[0]!),
        captions: [{ text: 'zero', language: 'en' }],
      },
      {
        key: '000000001',
        source: 'set',
        image: new Uint8Array(pictures[1]!),
        captions: [{ text: 'one', language: 'de' }],
      },
      'missing-caption 000000002',
      'missing-image 000000003',
      {
        key: '000000004',
        source: 'set',
        image: new Uint8Array(pictures[4]!),
        captions: [{ text: 'four', language: 'xx' }],
      },
    ]);
  });

  it('go on from any row, within and between row groups', async () => {
    const whole = await read(file);
    for (let place = 0; place <= 5; place++) expect(await read(file, {}, place)).toEqual(whole.slice(place));
  });

  it('with images as the hub has them, and columns by other names', async () => {
    const path = join(folder, 'hub.parquet');
    parquetWriteFile({
      filename: path,
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
        { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
        { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        { name: 'alt', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      ],
      columnData: [
        {
          name: 'image',
          data: [
            { bytes: new Uint8Array(pictures[0]!), path: 'a.jpg' },
            { bytes: null, path: 'b.jpg' },
          ],
        },
        { name: 'alt', data: ['a', 'b'] },
      ],
    });
    const reads = await read(path, { columns: { caption: 'alt' } });
    expect(reads[0]!.sample).toMatchObject({
      key: 'hub.parquet:0',
      image: new Uint8Array(pictures[0]!),
      captions: [{ text: 'a' }],
    });
    expect(reads[1]!.bad!.reason).toBe('missing-image');
  });

  it('whose images are only paths or links hold none', async () => {
    const path = join(folder, 'links.parquet');
    parquetWriteFile({
      filename: path,
      columnData: [
        { name: 'image', data: ['/etc/passwd', 'http://example.com'], type: 'STRING' },
        { name: 'text', data: ['a', 'b'], type: 'STRING' },
      ],
    });
    expect((await read(path)).map(({ bad }) => bad?.reason)).toEqual(['missing-image', 'missing-image']);
  });

  it('are refused where a column is missing, by name and with what there is', async () => {
    await expect(parquet(file, { columns: { caption: 'alt' } })).rejects.toThrow(
      /no column 'alt'; it has url, key/,
    );
    const path = join(folder, 'none.parquet');
    parquetWriteFile({ filename: path, columnData: [{ name: 'x', data: [1], type: 'INT32' }] });
    await expect(parquet(path)).rejects.toThrow(/no column holds images; it has x/);
    await expect(parquet(join(folder, 'missing.parquet'))).rejects.toThrow(/missing.parquet: can't be read/);
  });

  it('that are broken give reasons, not a crash', async () => {
    const bytes = readFileSync(file);
    const broken = join(folder, 'broken.parquet');
    const outcomes = async (content: Uint8Array, options?: ParquetOptions) => {
      writeFileSync(broken, content);
      return (await read(broken, options)).map(({ sample, bad }) => sample?.key ?? bad!.reason);
    };
    for (const content of [bytes.subarray(0, 100), Buffer.from('hello'), Buffer.alloc(0)])
      expect(await outcomes(content)).toEqual(['corrupt-archive']);
    // The footer is whole and its offsets are wrong: so is each of the three row groups.
    expect(await outcomes(bytes.subarray(40))).toEqual(Array(3).fill('corrupt-archive'));
    expect(await outcomes(bytes, { maxImageBytes: 10 })).toContain('too-large');
    expect(await outcomes(bytes, { maxGroupBytes: 10 })).toEqual(['too-large', 'too-large', 'too-large']);
    // The first row group's pages are overwritten; the others are whole.
    const damaged = Buffer.from(bytes).fill(0xff, 4, 300);
    const keys = await outcomes(damaged);
    expect(keys[0]).toBe('corrupt-archive');
    expect(keys.at(-1)).toBe('000000004');
  });

  it('of which each bit may be wrong never keep the reading busy', async () => {
    // Byte 10 is in the sizes of the first page: the library read a page of −3 bytes over and over.
    const bytes = readFileSync(file);
    const flipped = join(folder, 'flipped.parquet');
    for (const bit of [83, 92, 103, 105, 106, 124, 135, 138]) {
      const content = Buffer.from(bytes);
      content[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(flipped, content);
      const reads = await read(flipped, { maxSilence: 20_000 });
      expect(reads.at(-1)!.sample?.key).toBe('000000004');
      for (const { bad } of reads)
        if (bad?.reason === 'corrupt-archive') expect(bad.detail).toMatch(/its 2 rows are skipped$/);
    }
  });

  it('that claim more than memory holds are refused by what they claim', async () => {
    const group = { columns: [], total_byte_size: 0n, num_rows: -1n };
    expect(() => groupEnds({ row_groups: [group] } as never)).toThrow('claims -1 rows');
    expect(groupEnds({ row_groups: [{ ...group, num_rows: 5n }] } as never)).toEqual([5]);
    const bytes = readFileSync(fixture('cifar.parquet'));
    const huge = join(folder, 'huge.parquet');
    writeFileSync(huge, bytes);
    const pieces = openPieces(huge, 100);
    expect(() => pieces.slice(0, 101)).toThrow('a piece of 101 bytes, more than the limit of 100');
    expect(() => pieces.slice(-1, 5)).toThrow(`names bytes -1 to 5 of ${bytes.length}`);
    expect(() => pieces.slice(0, bytes.length + 1)).toThrow('names bytes');
    pieces.close();
    await expect(parquet(file, { maxSilence: 0 })).rejects.toThrow(
      'maxSilence is 0; it must be a number above 0',
    );
    await expect(parquet(file, { maxGroupBytes: Number.NaN })).rejects.toThrow('maxGroupBytes is NaN');
  });

  it('with numbered classes are captioned by their names', async () => {
    const reads = await read(fixture('cifar.parquet'));
    expect(reads.map(({ sample }) => sample?.captions)).toEqual(
      ['disc', 'box', 'ring', 'disc', 'box', 'ring'].map((text) => [{ text }]),
    );
    // Another column can be named; one that is not there is refused with those that are.
    await expect(parquet(fixture('cifar.parquet'), { columns: { caption: 'caption' } })).rejects.toThrow(
      /no column 'caption'; it has img, label/,
    );
  });

  it('whose optional columns are odd lose those, and a bad caption its row', async () => {
    const path = join(folder, 'odd.parquet');
    const image = new Uint8Array(pictures[0]!);
    parquetWriteFile({
      filename: path,
      columnData: [
        { name: 'jpg', data: [image, image, image], type: 'BYTE_ARRAY' },
        { name: 'key', data: [1.5, 2.5, 3.5], type: 'DOUBLE' },
        { name: 'language', data: [1, 2, 3], type: 'INT32' },
        {
          name: 'text',
          data: [Buffer.from('ok'), Buffer.from([0xff, 0xfe]), Buffer.from('')],
          type: 'BYTE_ARRAY',
        },
        { name: 'label', data: [0, 1, 2], type: 'INT32' },
      ],
    });
    const reads = await read(path, { language: 'en' });
    expect(reads[0]!.sample).toMatchObject({
      key: 'odd.parquet:0',
      captions: [{ text: 'ok', language: 'en' }],
    });
    expect(reads.slice(1).map(({ bad }) => `${bad!.key} ${bad!.reason}: ${bad!.detail}`)).toEqual([
      'odd.parquet:1 malformed-metadata: text: is not valid UTF-8',
      'odd.parquet:2 missing-caption: has no caption that is not empty',
    ]);
    const numbered = await read(path, { columns: { caption: 'label' } });
    expect(numbered[0]!.bad!.detail).toMatch(/is the number 0, and nothing in the file names its classes/);
  });
});
