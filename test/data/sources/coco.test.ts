import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CocoOptions, coco } from '../../../src/data/sources/coco/coco.ts';
import { temporaryFolder } from '../pictures.ts';

const root = temporaryFolder();
let files = 0;
function json(value: unknown): string {
  const path = join(root, `file-${files++}.json`);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

const images = [
  { id: 7, file_name: 'seven.jpg', width: 200, height: 100 },
  { id: 8, file_name: 'sub/eight.jpg', width: 10, height: 10 },
];
const captions = json({
  info: {},
  images,
  annotations: [
    { id: 1, image_id: 7, caption: 'A dog. ' },
    { id: 2, image_id: 7, caption: 'Another dog.' },
    { id: 3, image_id: 8, caption: 'A cat.' },
  ],
});
const instances = json({
  images,
  categories: [{ id: 18, name: 'dog' }],
  annotations: [
    {
      id: 11,
      image_id: 7,
      category_id: 18,
      bbox: [20, 10, 100, 50],
      segmentation: [[20, 10, 120, 10, 120, 60]],
      iscrowd: 0,
    },
    {
      id: 12,
      image_id: 7,
      category_id: 18,
      bbox: [0, 0, 200, 100],
      segmentation: { counts: [1, 2], size: [100, 200] },
      iscrowd: 1,
    },
    { id: 13, image_id: 7, category_id: 18, bbox: [190, 90, 30, 30] },
  ],
});
const references = json([
  {
    ref_id: 1,
    ann_id: 11,
    split: 'train',
    sentences: [{ sent: 'left dog', raw: 'Left dog!' }, { raw: 'big one' }],
  },
  { ref_id: 2, ann_id: 13, split: 'val', sentences: ['dog in the corner'] },
]);

async function read(options: Partial<CocoOptions>) {
  const source = await coco({ images: 'pictures', annotations: [], name: 'coco', ...options });
  return await Promise.all(Array.from({ length: source.size }, (_, i) => source.read(i)));
}
const outcome = (reads: Awaited<ReturnType<typeof read>>) =>
  reads.map(({ sample, bad }) => (sample ? sample.key : bad.reason));

describe('COCO annotations', () => {
  it('are text as editors save it: UTF-8, or UTF-16 with a mark', async () => {
    const text = JSON.stringify({ images, annotations: [{ id: 1, image_id: 7, caption: 'Größe 大' }] });
    const path = join(root, 'marked.json');
    for (const bytes of [Buffer.from(`\uFEFF${text}`), Buffer.from(`\uFEFF${text}`, 'utf16le')]) {
      writeFileSync(path, bytes);
      const [first] = await read({ annotations: path });
      expect(first!.sample!.captions[0]!.text).toBe('Größe 大');
    }
    writeFileSync(path, Buffer.from(text, 'latin1'));
    await expect(read({ annotations: path })).rejects.toThrow(
      /marked\.json: line 1 is not valid UTF-8: save the file as UTF-8/,
    );
  });

  it('give captions', async () => {
    const reads = await read({ annotations: captions, language: 'en' });
    expect(reads.map(({ sample }) => sample)).toEqual([
      {
        key: 'seven.jpg',
        source: 'coco',
        image: 'pictures/seven.jpg',
        captions: [
          { text: 'A dog.', language: 'en' },
          { text: 'Another dog.', language: 'en' },
        ],
      },
      {
        key: 'sub/eight.jpg',
        source: 'coco',
        image: 'pictures/sub/eight.jpg',
        captions: [{ text: 'A cat.', language: 'en' }],
      },
    ]);
  });

  it('give regions in shares of the image, without crowds, cut off at its edges; files add up', async () => {
    const [seven, eight] = await read({ annotations: [captions, instances] });
    expect(seven!.sample!.captions).toHaveLength(2);
    expect(seven!.sample!.regions).toEqual([
      {
        // x 20, y 10, 100 wide, 50 high, of 200 × 100.
        box: { y1: 0.1, x1: 0.1, y2: 0.6, x2: 0.6 },
        text: 'dog',
        polygons: [[0.1, 0.1, 0.6, 0.1, 0.6, 0.6]],
      },
      { box: { y1: 0.9, x1: 0.95, y2: 1, x2: 1 }, text: 'dog' },
    ]);
    expect(eight!.sample!.regions).toBeUndefined();
  });

  it('give referring expressions, of one split, only on images that are referred to', async () => {
    const texts = async (options: Partial<CocoOptions>) =>
      (await read({ annotations: instances, expressions: references, ...options })).map(({ sample }) =>
        sample!.regions!.map(({ text }) => text),
      );
    expect(await texts({})).toEqual([['left dog', 'big one', 'dog in the corner']]);
    expect(await texts({ split: 'train' })).toEqual([['left dog', 'big one']]);
    expect(await texts({ split: 'val', categoryRegions: true })).toEqual([
      ['dog', 'dog', 'dog in the corner'],
    ]);
    await expect(read({ annotations: instances, expressions: references, split: 'nope' })).rejects.toThrow(
      /split/,
    );
  });

  it('name what is wrong with single entries, and keep the rest', async () => {
    const file = json({
      images: [
        ...images,
        { id: 9 },
        { id: 10, file_name: '../x.jpg' },
        { id: 11, file_name: 'y.jpg' },
        { id: 12, file_name: 'z.jpg' },
      ],
      categories: [{ id: 1, name: 'dog' }],
      annotations: [
        { image_id: 7, caption: 'x' },
        { image_id: 8, category_id: 1, bbox: [3, 3, 0, 2] },
        { image_id: 11, category_id: 1, bbox: [3, 3, 2, 2] },
        { image_id: 8, bbox: [1, 2] },
      ],
    });
    expect(outcome(await read({ annotations: file }))).toEqual([
      'seven.jpg',
      'malformed-metadata',
      'unsafe-path',
      // No size to measure the box by; nothing said; then the entries that could not be parsed.
      'malformed-metadata',
      'missing-caption',
      'malformed-metadata',
      'malformed-metadata',
    ]);
  });

  it('say which file is not in the format', async () => {
    await expect(read({ annotations: json([1]) })).rejects.toThrow(/file-\d+.json: is not in COCO's format/);
    await expect(read({ annotations: join(root, 'none.json') })).rejects.toThrow(/none.json/);
    await expect(read({ annotations: json({ images: [] }) })).rejects.toThrow(/no image is annotated/);
  });
});
