import sharp from 'sharp';
import type { Encoder } from '../../encoder/encoder.ts';
import { rgbImage } from '../../input/image/rgbImage.ts';
import { paintHeatmap } from '../../search/regions/drawHeatmap.ts';
import { openImage } from '../items/openImage.ts';
import { LIMITS } from '../requests/limits.ts';
import type { Work } from '../service.ts';
import { scoreTexts } from './heatmapOf.ts';
import type { AskedImage, Look } from './look.ts';

/** Longest side of a drawing in pixels. */
const SIDE = 1024;

/** The pixels of an image that has been looked at, small enough to be drawn on; what is transparent is white. */
async function canvasOf(work: Pick<Work, 'collections' | 'fetchImage'>, { image, signal }: AskedImage) {
  const opened = await openImage(work, image, signal);
  try {
    const bytes = new Uint8Array(await opened.file.arrayBuffer());
    const { data, info } = await sharp(bytes, {
      limitInputPixels: LIMITS.imagePixels,
      failOn: 'none',
      autoOrient: true,
    })
      .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return rgbImage(info.width, info.height, new Uint8Array(data));
  } finally {
    opened.release();
  }
}

/** An image under the colours of a text, as a PNG file. */
export async function heatmapPng(
  work: Pick<Work, 'collections' | 'fetchImage'> & { readonly encoder: Pick<Encoder, 'embedTexts'> },
  asked: AskedImage,
  look: Look,
  text: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { scores } = await scoreTexts(work.encoder, look, [text]);
  const drawn = await paintHeatmap({ image: await canvasOf(work, asked) }, scores);
  return new Uint8Array(await drawn.png().toBuffer());
}
