import { type Box, scaleBox } from '../../input/image/box.ts';
import { boxOverlay, strokeFor } from '../../input/image/boxOverlay.ts';
import type { ImageSource } from '../../input/image/imageSource.ts';
import { drawingFormat, openCanvas, rawPixels, writePicture } from './pictureFile.ts';

/**
 * Writes a copy of a picture with boxes drawn on it, each in a colour of its own: upright, transparent parts on white, at
 * its own size (at most 8,192 pixels on a side). The picture itself is left alone.
 * @param boxes in pixels of the upright picture
 * @param path where to write: PNG, JPEG or WebP, by its ending
 * @throws RangeError for another ending; Error naming the picture that cannot be read, or the file that cannot be written
 * @example
 * const encoder = await load('google/siglip2-base-patch16-naflex');
 * const texts = await encoder.embedTexts(['a red bicycle']);
 * const { box } = await findRegion(encoder, 'street.jpg', texts.data);
 * await drawBox('street.jpg', [box], 'bicycle.png');
 */
export async function drawBox(picture: ImageSource, boxes: readonly Box[], path: string): Promise<void> {
  drawingFormat(path);
  const { image, scale } = await openCanvas(picture);
  const { width, height } = image;
  const overlay = boxOverlay({
    width,
    height,
    boxes: boxes.map((box) => scaleBox(box, scale, scale)),
    stroke: strokeFor(image),
  });
  await writePicture(path, rawPixels(image).composite([{ input: overlay }]));
}
