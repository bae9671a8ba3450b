import sharp, { type Sharp } from 'sharp';
import type { PatchScores } from '../../encoder/patchScores.ts';
import { type Box, scaleBox } from '../../input/image/box.ts';
import { boxOverlay, strokeFor } from '../../input/image/boxOverlay.ts';
import type { ImageSource } from '../../input/image/imageSource.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import {
  check,
  consistent,
  finite,
  listOf,
  object,
  optional,
  settings,
  wholeNumber,
} from '../../tensor/settings.ts';
import { cosinesOf, heatRange } from './heat.ts';
import { HEAT_COLOURS } from './heatColours.ts';
import { type Canvas, drawingFormat, openCanvas, rawPixels, writePicture } from './pictureFile.ts';

export interface HeatmapOptions {
  /** Which query, by its number. Default 0. */
  readonly query?: number | undefined;
  /**
   * The cosines that the darkest and the brightest colour stand for: set both to compare pictures or texts. Default: the
   * least and the most of this picture and query.
   */
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  /** Boxes to draw over it, in pixels of the upright picture. Default: none. */
  readonly boxes?: readonly Box[] | undefined;
}

const schema = consistent(
  settings<HeatmapOptions>({
    query: optional(wholeNumber),
    least: optional(finite),
    most: optional(finite),
    boxes: optional(listOf(object<Box>('a box'))),
  }),
  ({ least, most }) =>
    least !== undefined && most !== undefined && least >= most ? 'least must be below most' : undefined,
);

/** How much of the colour of heat is seen, and how much of the picture, without its own colours. */
const HEAT = 0.6;

/** Where all cosines are one, all places are dark. */
const SMALLEST_SPAN = 1e-9;

/** Heat as 0 … 255 at each pixel of an area that lies over the image; undefined outside of it. */
async function heatOver(
  grid: Uint8Array,
  { rows, columns }: PatchScores,
  area: Box,
): Promise<(y: number, x: number) => number | undefined> {
  const [top, left] = [Math.round(area.y1), Math.round(area.x1)];
  const height = Math.max(1, Math.round(area.y2) - top);
  const width = Math.max(1, Math.round(area.x2) - left);
  const { data, info } = await sharp(grid, { raw: { width: columns, height: rows, channels: 1 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return (y, x) => {
    const [row, column] = [y - top, x - left];
    const inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? data[(row * width + column) * info.channels] : undefined;
  };
}

/** The image without its colours, under those of the heat. */
function blended({ width, height, data }: RgbImage, heat: (y: number, x: number) => number | undefined) {
  const pixels = new Uint8Array(data.length);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 3) {
      const grey = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
      const value = heat(y, x);
      for (let c = 0; c < 3; c++)
        pixels[at + c] = value === undefined ? grey : (1 - HEAT) * grey + HEAT * HEAT_COLOURS[3 * value + c]!;
    }
  return { width, height, data: pixels };
}

/**
 * Writes a copy of a picture with a heatmap over it: grey, under colours from dark (fits least) over red to bright yellow
 * (fits best). What the model did not see stays grey. Without `least` and `most`, the colours are stretched over the
 * picture's own cosines: a picture that shows nothing of the query has bright places too.
 * @param scores of `patchScores`, for the same picture
 * @param path where to write: PNG, JPEG or WebP, by its ending
 * @throws RangeError for another ending or a query that is not there; Error naming the picture that cannot be read, or the
 *   file that cannot be written
 * @example
 * const encoder = await load('google/siglip2-base-patch16-naflex');
 * const scores = await patchScores(encoder, 'street.jpg', await encoder.embedTexts(['a red bicycle']));
 * await drawHeatmap('street.jpg', scores, 'heat.png');
 */
export async function drawHeatmap(
  picture: ImageSource,
  scores: PatchScores,
  path: string,
  options: HeatmapOptions = {},
): Promise<void> {
  check('drawHeatmap', schema, options);
  drawingFormat(path);
  await writePicture(path, await paintHeatmap(await openCanvas(picture), scores, options));
}

/** The image, which may be smaller than what was scored, with a heatmap over it. */
export async function paintHeatmap(
  { image }: Pick<Canvas, 'image'>,
  scores: PatchScores,
  options: HeatmapOptions = {},
): Promise<Sharp> {
  const { query = 0, boxes = [] } = options;
  const range = { ...heatRange(scores, query), ...definedOf(options) };
  const span = Math.max(range.most - range.least, SMALLEST_SPAN);
  const grid = Uint8Array.from(cosinesOf(scores, query), (cosine) =>
    Math.round(255 * Math.min(Math.max((cosine - range.least) / span, 0), 1)),
  );
  const { width, height } = image;
  const place = (box: Box): Box => scaleBox(box, height / scores.size.height, width / scores.size.width);
  const drawn = blended(image, await heatOver(grid, scores, place(scores.area)));
  const overlay = boxOverlay({
    width,
    height,
    boxes: boxes.map(place),
    stroke: strokeFor(image),
  });
  return rawPixels(drawn).composite(boxes.length > 0 ? [{ input: overlay }] : []);
}

const definedOf = ({ least, most }: HeatmapOptions) => ({
  ...(least !== undefined && { least }),
  ...(most !== undefined && { most }),
});
