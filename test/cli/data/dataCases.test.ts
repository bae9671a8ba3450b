import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { beforeAll, describe, expect, it } from 'vitest';
import { picture } from '../../data/pictures.ts';
import { tarOf } from '../../data/sources/tar.ts';
import { saveTinyModel, temporaryFolder } from '../models.ts';
import { cli } from '../testIo.ts';

const folder = temporaryFolder();
const path = (...names: string[]) => join(folder, ...names);
const images = await Promise.all(Array.from({ length: 12 }, (_, i) => picture(i, 'jpeg')));
let runs = 0;

/** Two steps, to a folder of their own. */
const finetune = (...args: string[]) =>
  cli([
    ...['finetune', '--model', path('model'), '--output', path(`out${runs++}`), '--threads', '1'],
    ...['--steps', '2', '--batch', '4', '--warmup', '0', '--json', ...args],
  ]);

/** A folder of twelve images with these files beside them. */
function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(path(name));
  images.forEach((image, i) => {
    writeFileSync(path(name, `${i}.jpg`), image);
  });
  for (const [file, text] of Object.entries(files)) writeFileSync(path(name, file), text);
  return path(name);
}

/** A shard of twelve samples with what `json` says and a text. */
async function shardOf(name: string, json: (i: number) => string): Promise<string> {
  const members = images.flatMap((image, i) => [
    [`${i}.jpg`, image],
    [`${i}.json`, json(i)],
    [`${i}.txt`, `text ${i}`],
  ]);
  writeFileSync(path(name), await tarOf(Object.fromEntries(members)));
  return path(name);
}

beforeAll(() => saveTinyModel(path('model')), 60_000);

describe('data that users have', () => {
  it('a CSV file with a bad line loses that line, which is named', async () => {
    const lines = images.map((_, i) => `${i}.jpg,${i === 10 ? 'a sign "STOP" on it' : `picture ${i}`}`);
    const data = folderOf('csv', { 'captions.csv': ['file_name,caption', ...lines].join('\n') });
    const plan = await finetune('--data', data, '--max-bad', '0.2', '--cost');
    expect(plan.code).toBe(0);
    const [{ images: trained, validation, bad }] = plan.json() as [Record<string, unknown>];
    expect([trained, validation]).toEqual([10, 1]);
    const line = { key: 'captions.csv:12', detail: expect.stringMatching(/quote.* line 12/i) };
    expect(bad).toMatchObject({ read: 13, bad: 2, reasons: { 'malformed-metadata': { examples: [line] } } });
    const refused = await finetune('--data', data, '--cost');
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringMatching(/2 of 13 samples.*captions\.csv:12: /s),
    ]);
  });

  it('a CSV file with semicolons is told what it is, and its images are counted', async () => {
    const lines = images.map((_, i) => `${i}.jpg;a red disc number ${i}`);
    const data = folderOf('semicolons', { 'captions.csv': ['file_name;caption', ...lines].join('\n') });
    const { code, err } = await finetune('--data', data, '--cost');
    expect(code).toBe(1);
    expect(err).toMatch(/nothing says what its 12 images show; captions\.csv:1: .*separated by semicolons/);
  });

  it('annotations without captions leave their images out for the real reason', async () => {
    const annotations = (name: string, image: (i: number) => object) => {
      const file = path(name);
      const boxes = images.slice(0, 10).map((_, i) => ({ id: 100 + i, image_id: i, category_id: 1 }));
      writeFileSync(
        file,
        JSON.stringify({
          images: images.map((_, i) => ({ id: i, width: 6, height: 4, ...image(i) })),
          annotations: boxes.map((one) => ({ ...one, bbox: [1, 1, 3, 2] })),
          categories: [{ id: 1, name: 'disc' }],
        }),
      );
      return file;
    };
    const data = folderOf('coco', {});
    const lvis = annotations('lvis.json', (i) => ({
      coco_url: `http://images.cocodataset.org/train/${i}.jpg`,
    }));
    const { code, err } = await finetune('--data', data, '--annotations', lvis);
    expect(code).toBe(1);
    expect(err).toMatch(
      /12 of 12 samples are bad, most often missing-caption: 12 \(.*0\.jpg: has regions, but no caption/,
    );
    const nameless = annotations('nameless.json', () => ({}));
    const other = await finetune('--data', data, '--annotations', nameless);
    expect(other.err).toMatch(
      /no image is annotated: .*images\[0\]: file_name: is missing, and so is coco_url, and 11 more/,
    );
  });

  it('an odd optional field of a shard costs the field and is reported', async () => {
    const odd = [
      (i: number) => `{"caption": "disc ${i}", "punsafe": NaN}`,
      (i: number) => `{"key": ${i}, "width": 48}`,
      (i: number) => `{"caption": "disc ${i}", "language": 7}`,
    ];
    const data = await shardOf('odd.tar', (i) => odd[i % odd.length]!(i));
    const { code, json } = await finetune('--data', data, '--steps', '3');
    expect(code).toBe(0);
    const { bad } = json().at(-1) as { bad: { odd: { examples: unknown[] } } };
    // Twelve samples, once each: of every third one the language is not used.
    expect(bad).toMatchObject({ read: 12, bad: 0, odd: { count: 4 } });
    expect(bad.odd.examples[0]).toMatchObject({ detail: expect.stringMatching(/^language: /) });
  });

  it('a packed shard is refused at once', async () => {
    const data = path('packed.tar.gz');
    writeFileSync(data, gzipSync(await tarOf({ 'a.jpg': images[0]!, 'a.txt': 'x' })));
    const { code, err } = await finetune('--data', data);
    expect([code, err]).toEqual([1, expect.stringMatching(/packed\.tar\.gz: is compressed with gzip/)]);
  });

  it('columns of a table can be named', async () => {
    const data = path('table.parquet');
    parquetWriteFile({
      filename: data,
      columnData: [
        { name: 'picture', data: images.map((image) => new Uint8Array(image)), type: 'BYTE_ARRAY' },
        { name: 'title', data: images.map((_, i) => `title ${i}`), type: 'STRING' },
      ],
    });
    const unnamed = await finetune('--data', data);
    expect(unnamed.err).toMatch(/no column holds images; it has picture, title: .*--image-column/);
    const named = await finetune('--data', data, '--image-column', 'picture', '--caption-column', 'title');
    expect([named.code, named.json().at(-1)]).toMatchObject([0, { bad: { bad: 0 } }]);
    // A run that is continued reads the same ones.
    const again = ['--output', path(`out${runs - 1}`), '--image-column', 'picture', '--caption-column'];
    const other = await finetune('--data', data, ...again, 'picture');
    expect([other.code, other.err]).toEqual([
      1,
      expect.stringMatching(/other columns of the tables are read/),
    ]);
    const wrong = await finetune('--data', data, '--image-column', 'picture', '--caption-column', 'name');
    expect(wrong.err).toMatch(/has no column 'name'; it has picture, title/);
    const onFolder = await finetune('--data', path('csv'), '--image-column', 'picture');
    expect([onFolder.code, onFolder.err]).toEqual([
      2,
      expect.stringMatching(/--image-column .* for \.parquet files/),
    ]);
  });
});
