import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openModelDirectory } from '../src/checkpoint/huggingFace/directory.ts';
import { load } from '../src/encoder/load.ts';
import { compileTower, imageGraph } from '../src/encoder/towers/graphs.ts';
import { decodeImage } from '../src/input/image/decode/decodeImage.ts';
import { imageFeeds } from '../src/input/image/imageSource.ts';
import { indexBy } from '../src/search/indexing/indexPictures.ts';
import { openCollection } from '../src/search/stores/stores.ts';
import type { Arrays } from '../src/tensor/index.ts';
import { createRandom } from '../src/tensor/random.ts';
import { alternate } from './alternate.ts';
import type { RowResult } from './result.ts';
import type { Context } from './sideBySide.ts';
import { median, pairedRatio } from './stats.ts';

const BATCH = 8;
const SIZES = { full: [640, 480], quick: [64, 48] } as const;
const COUNT = { full: 96, quick: 8 } as const;

/** A photograph's sizes and file size: smooth shapes with noise on them. */
async function photograph(
  path: string,
  seed: number,
  [width, height]: readonly [number, number],
): Promise<void> {
  const random = createRandom(seed, 'photograph');
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0, y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        pixels[at++] = 110 + 80 * Math.sin((x * (c + 1) + seed * 37) / 60 + y / 90) + random.int(24);
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toFile(path);
}

/**
 * Indexing a folder of new photographs, from the listing to the last write, beside the bare forward of the same pictures
 * in the same batches: what reading, hashing, decoding, resizing and writing cost on top.
 */
export async function indexRows({ sizes, files, threads }: Context): Promise<RowResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'siglip2-bench-'));
  const [width, height] = SIZES[sizes.name];
  const count = COUNT[sizes.name];
  const pictures = join(folder, 'pictures');
  const paths = Array.from({ length: count }, (_, i) => join(pictures, `${i}.jpg`));
  const encoder = await load(files.model, { threads });
  const directory = await openModelDirectory(files.model);
  const session = await compileTower(imageGraph(directory.config), directory.weights, { threads });
  try {
    await mkdir(pictures);
    for (const [i, path] of paths.entries()) await photograph(path, i, [width, height]);
    const feeds: Arrays[] = [];
    for (let start = 0; start < count; start += BATCH) {
      const images = await Promise.all(
        paths.slice(start, start + BATCH).map((path) => decodeImage(path, encoder.decode)),
      );
      feeds.push(imageFeeds(images, encoder.preprocessing));
    }
    const forward = async () => {
      const start = performance.now();
      for (const feed of feeds) await session.run(feed);
      return performance.now() - start;
    };
    let round = 0;
    const index = async () => {
      const name = `round-${round++}`;
      const start = performance.now();
      const collection = await openCollection(join(folder, 'collections'), { name, create: true });
      const probe = new Float32Array(encoder.width).fill(encoder.width ** -0.5);
      const model = await collection.addModel({ name: 'bench', width: encoder.width, probe });
      const { files: done } = await indexBy(collection, encoder, model, [pictures], {});
      await collection.close();
      if (done.new !== count) throw new Error(`${done.new} of ${count} pictures were indexed`);
      return performance.now() - start;
    };
    const lanes = [
      { name: 'forward', run: forward },
      { name: 'index', run: index },
    ];
    const costs = await alternate(lanes, sizes.rounds.load);
    const [bare, whole] = [costs.get('forward')!, costs.get('index')!];
    const ratio = pairedRatio(bare, whole);
    const note =
      `${count} photographs of ${width}×${height}: ${(median(whole) / count).toFixed(1)} ms each, ` +
      `${(median(bare) / count).toFixed(1)} for the bare forward in batches of ${BATCH}: ×${ratio.toFixed(3)}. ` +
      `${threads} threads. One picture more is embedded a call, by which models are told apart.`;
    return [
      {
        id: 'index',
        title: 'Indexing new photographs (siglip2 index), the whole call',
        unit: 'pictures/s',
        lanes: [{ engine: 'ours', costs: [...whole], value: (1000 * count) / median(whole) }],
        note,
      },
    ];
  } finally {
    await session.dispose();
    await directory.weights.close();
    await encoder.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}
