import { type Box, scaleBox } from './box.ts';
import type { ImageSize } from './naflex/naflexSize.ts';

/** Colours of boxes, in turn: red, green and blue, 0 … 255. */
const COLOURS = [
  [230, 25, 75],
  [0, 130, 200],
  [60, 180, 75],
  [245, 130, 48],
  [145, 30, 180],
] as const;

/**
 * The colour of the box with this number.
 * @example
 * const [red, green, blue] = boxColour(0);
 */
export const boxColour = (index: number): readonly [number, number, number] =>
  COLOURS[index % COLOURS.length]!;

const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

/** Line width that can be seen in images of any size, in pixels. */
export const strokeFor = ({ width, height }: ImageSize): number =>
  Math.max(1, Math.round((width + height) / 300));

export interface BoxOverlay extends ImageSize {
  /** In pixels of the image before it is scaled. */
  readonly boxes: readonly Box[];
  /** Pixels of the drawing per pixel of the image. Default 1. */
  readonly scale?: number;
  /** Width of the lines in pixels of the drawing. Default 2. */
  readonly stroke?: number;
  /** A line of text under the image, and the height that it takes. */
  readonly caption?: { readonly text: string; readonly height: number };
}

/**
 * An SVG of frames, each box in a colour of its own, to be laid over an image.
 * @example
 * const svg = boxOverlay({ width: 320, height: 240, boxes: [{ y1: 20, x1: 40, y2: 120, x2: 200 }] });
 */
export function boxOverlay(overlay: BoxOverlay): Buffer {
  const { scale = 1, stroke = 2, boxes, caption } = overlay;
  const [width, height] = [overlay.width * scale, overlay.height * scale + (caption?.height ?? 0)];
  const frames = boxes.map((box, i) => {
    const { y1, x1, y2, x2 } = scaleBox(box, scale, scale);
    const place = `x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}"`;
    return `<rect ${place} fill="none" stroke="rgb(${boxColour(i).join()})" stroke-width="${stroke}"/>`;
  });
  const text =
    caption &&
    `<text x="2" y="${height - 6}" font-size="14" font-family="sans-serif">${escapeXml(caption.text)}</text>`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${frames.join('')}${text ?? ''}</svg>`,
  );
}
