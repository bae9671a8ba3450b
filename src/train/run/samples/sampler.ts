import { join } from 'node:path';
import sharp from 'sharp';
import { writeAtomic, writeJson } from '../../../checkpoint/files/atomic.ts';
import { messageOf } from '../../../data/samples/badRead.ts';
import { decodeSample } from '../../../data/samples/decodeSample.ts';
import type { IndexedSource } from '../../../data/sources/source.ts';
import type { Encoder } from '../../../encoder/encoder.ts';
import type { RgbImage } from '../../../input/image/rgbImage.ts';
import { count, optional, rule, settings } from '../../../tensor/settings.ts';
import { occasionPath, picturesPath, samplesFolder } from './files.ts';

/** Pictures of which the models of a run are asked as they are trained, to be looked at. */
export interface SamplesOptions {
  /** Pictures with captions, best held-out ones, or what opens them when they are first needed: eight are taken, spread evenly. */
  readonly data: IndexedSource | (() => Promise<IndexedSource | undefined>);
  /** Updates between two occasions, beside those at which something is evaluated. Default: no others. */
  readonly every?: number;
}

export const samplesSchema = settings<SamplesOptions>({
  data: rule(
    'an indexed source, or a function that gives one',
    (value) => typeof value === 'function' || (typeof value === 'object' && value !== null),
  ),
  every: optional(count),
});

/** Writes down what a model says of the pictures after a step. Where it cannot, that is told, and nothing else. */
export type Sampler = (encoder: Encoder, stage: string, step: number) => Promise<void>;

const PICTURES = 8;
/** Texts that are kept of each. */
const BEST = 3;
/** The longer side of what is shown. */
const SIDE = 256;

interface Picture {
  readonly title: string;
  readonly image: RgbImage;
}

/** Pictures that can be decoded and have a caption, spread evenly over a source. */
async function picturesOf(source: IndexedSource): Promise<Picture[]> {
  const places = Math.min(PICTURES, source.size);
  const reads = Array.from({ length: places }, async (_, i): Promise<Picture[]> => {
    const { decoded } = await decodeSample(await source.read(Math.floor((i * source.size) / places)));
    const title = decoded?.captions[0]?.text;
    return decoded && title !== undefined ? [{ title, image: decoded.image }] : [];
  });
  return (await Promise.all(reads)).flat();
}

/** Writes small pictures, and then which there are: a reader sees all of them or none. */
async function writePictures(runDir: string, pictures: readonly Picture[]): Promise<void> {
  const named = pictures.map(({ title }, i) => ({ title, image: `${i}.webp` }));
  for (const [i, { image }] of pictures.entries()) {
    const { width, height, data } = image;
    const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
      .webp()
      .toBuffer();
    await writeAtomic(join(samplesFolder(runDir), named[i]!.image), (file) => file.writeFile(bytes));
  }
  await writeJson(picturesPath(runDir), named);
}

/**
 * Takes samples of a run's models: how probable each of the pictures' captions is for each picture.
 * @param onNotice told where samples cannot be taken
 */
export function createSampler(
  runDir: string,
  { data, every }: SamplesOptions,
  onNotice: (message: string) => void,
): Sampler {
  async function prepare(): Promise<readonly Picture[]> {
    const source = typeof data === 'function' ? await data() : data;
    const pictures = source ? await picturesOf(source) : [];
    if (pictures.length > 0) await writePictures(runDir, pictures);
    else if (source || every !== undefined)
      onNotice('no samples are taken: no picture with a caption could be read');
    return pictures;
  }
  let prepared: Promise<readonly Picture[]> | undefined;
  let told = false;

  async function take(encoder: Encoder, stage: string, step: number): Promise<void> {
    prepared ??= prepare();
    const pictures = await prepared;
    if (pictures.length === 0) return;
    const texts = [...new Set(pictures.map(({ title }) => title))];
    const { data: scores } = await encoder.score(
      pictures.map(({ image }) => image),
      texts,
    );
    const best = pictures.map((_, i) =>
      texts
        .map((text, j) => ({ text, probability: scores[i * texts.length + j]! }))
        .sort((a, b) => b.probability - a.probability)
        .slice(0, BEST),
    );
    await writeJson(occasionPath(runDir, { stage, step }), { stage, step, texts: best });
  }

  return async (encoder, stage, step) => {
    await take(encoder, stage, step).catch((error: unknown) => {
      if (!told) onNotice(`samples cannot be taken: ${messageOf(error)}`);
      told = true;
    });
  };
}
