import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { load } from '../../../src/encoder/load.ts';
import { openBundle } from '../../../src/search/bundle/openBundle.ts';
import { indexPictures } from '../../../src/search/indexing/indexPictures.ts';
import { onPath } from '../../../src/search/pictures/tools/onPath.ts';
import { openCollection } from '../../../src/search/stores/stores.ts';
import { createApp } from '../../../src/server/app.ts';
import { createCollections } from '../../../src/server/collections/createCollections.ts';
import { createThumbnails } from '../../../src/server/collections/thumbnails/thumbnails.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import { pdfPages } from '../../search/pictures/pdfFile.ts';
import { saveTinyModelWithGallery } from '../tinyModel.ts';

export const hasFfmpeg = onPath('ffmpeg') !== undefined && onPath('ffprobe') !== undefined;

const plain = (width: number, height: number, background: object) =>
  sharp({ create: { width, height, channels: 4 as const, background } });

/** The left half red, the right half blue. */
const halves = (width: number, height: number) =>
  plain(width, height, { r: 0, g: 0, b: 255, alpha: 1 }).composite([
    {
      input: { create: { width: width / 2, height, channels: 3, background: 'red' } },
      left: 0,
      top: 0,
    },
  ]);

/** Pictures of all kinds, and a file that is none. */
async function writePictures(folder: string): Promise<void> {
  await mkdir(join(folder, '2024'), { recursive: true });
  const inFolder = (name: string) => join(folder, name);
  // Turned by a quarter: shown with red above blue.
  await halves(400, 200).jpeg().withMetadata({ orientation: 6 }).toFile(inFolder('turned.jpg'));
  await plain(100, 80, { r: 0, g: 255, b: 0, alpha: 0.5 }).png().toFile(inFolder('2024/clear.png'));
  await plain(60, 60, { r: 9, g: 9, b: 9, alpha: 1 }).png().toFile(inFolder('gone.png'));
  await writeFile(inFolder('broken.jpg'), 'no picture at all');
  await writeFile(
    inFolder('pages.pdf'),
    pdfPages(['1 0 0 rg 0 0 200 100 re f', '0 1 0 rg 0 0 200 100 re f']),
  );
  if (hasFfmpeg) {
    const source =
      'color=red:s=64x48:d=1,format=yuv420p[a];color=blue:s=64x48:d=1.5,format=yuv420p[b];[a][b]concat';
    const args = ['-v', 'error', '-f', 'lavfi', '-i', source, '-r', '8', inFolder('film.mp4')];
    execFileSync('ffmpeg', args);
  }
}

/** A tiny model with emoji, an indexed folder of pictures of all kinds, and an app that serves both. */
export async function serveOwnPictures() {
  const home = await mkdtemp(join(tmpdir(), 'siglip2-served-'));
  const [model, folder, location] = [join(home, 'model'), join(home, 'Holidays'), join(home, 'collections')];
  await saveTinyModelWithGallery(model, 6);
  const encoder = await load(model, { threads: 1 });
  await writePictures(folder);
  const index = async () => {
    const collection = await openCollection(location, { name: 'mine', create: true });
    await indexPictures(collection, encoder, [folder], {
      modelName: model,
      pictures: { frames: hasFfmpeg ? { everySeconds: 1 } : undefined },
    });
    await collection.close();
  };
  await index();
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const cache = join(home, 'cache');
  const collections = createCollections({
    location,
    log,
    thumbnails: createThumbnails({ log, folder: cache }),
  });
  const bundle = (await openBundle(join(model, 'gallery'), encoder))!;
  const serving = collections.serving({ encoder, name: 'tiny', bundle });
  const info = describeModel('tiny', encoder);
  const access = { keys: [], origins: [], ownerToken: 'a token of this start' };
  const app = createApp({ encoder, model: info, collections: serving, access, log });
  const close = async () => {
    await collections.close();
    await encoder.dispose();
  };
  return { app, home, folder, location, cache, encoder, index, lines, forget: collections.forget, close };
}
