import type { Box } from '../../../input/image/box.ts';
import type { Region } from '../../samples/sample.ts';
import { captionOf } from '../../samples/sampleText.ts';
import type { CocoAnnotation, CocoImage } from './json.ts';

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

/** COCO's x, y, width, height in pixels as shares of the image, cut off at its edges; undefined where nothing is left. */
function cocoBox(
  [x, y, width, height]: readonly [number, number, number, number],
  image: { readonly width: number; readonly height: number },
): Box | undefined {
  const box = {
    y1: clamp(y / image.height),
    x1: clamp(x / image.width),
    y2: clamp((y + height) / image.height),
    x2: clamp((x + width) / image.width),
  };
  return box.y2 > box.y1 && box.x2 > box.x1 ? box : undefined;
}

/** x, y pairs in pixels as shares of the image. */
const normalisePolygon = (polygon: readonly number[], width: number, height: number): number[] =>
  polygon.map((value, i) => clamp(value / (i % 2 === 0 ? width : height)));

/**
 * One region per text for an annotation's box, with its outline where it is drawn. Nothing for a crowd: its box is no
 * object's.
 * @throws Error when the box is missing or empty, or the image's size, by which boxes are normalised.
 */
export function cocoRegions(
  { bbox, segmentation, iscrowd }: CocoAnnotation,
  { width, height }: CocoImage,
  texts: readonly string[],
  language?: string,
): Region[] {
  if (iscrowd || texts.length === 0) return [];
  if (!bbox) throw new Error('an annotation has no bbox');
  if (!width || !height) throw new Error('the image has no width and height, which boxes are measured by');
  const box = cocoBox(bbox, { width, height });
  if (!box) throw new Error(`the box ${bbox.join(', ')} is empty or outside of the image`);
  const outline = Array.isArray(segmentation)
    ? { polygons: segmentation.map((polygon) => normalisePolygon(polygon, width, height)) }
    : {};
  return texts.map((text) => ({ box, ...captionOf(text, language), ...outline }));
}
