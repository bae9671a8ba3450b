import sharp from 'sharp';
import { z } from 'zod';
import { writeAll, writeAtomic } from '../../checkpoint/files/atomic.ts';
import type { Box } from '../../input/image/box.ts';
import { boxOverlay, strokeFor } from '../../input/image/boxOverlay.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';

const isShare = (text: string): boolean => /\d/.test(text) && Number(text) >= 0 && Number(text) <= 1;

/** `0.1,0.2,0.5,0.8`: y1, x1, y2 and x2 in shares of the image's sides. */
export const boxOption = z
  .string()
  .refine((text) => {
    const parts = text.split(',');
    const [y1, x1, y2, x2] = parts.map(Number);
    return parts.length === 4 && parts.every(isShare) && y1! < y2! && x1! < x2!;
  }, 'expected y1,x1,y2,x2 in shares of the image’s sides (0 … 1), y1 < y2 and x1 < x2')
  .transform((text): Box => {
    const [y1, x1, y2, x2] = text.split(',').map(Number);
    return { y1: y1!, x1: x1!, y2: y2!, x2: x2! };
  });

/** y1 x1 y2 x2 with as many decimals. */
export const formatSides = ({ y1, x1, y2, x2 }: Box, decimals: number): string =>
  [y1, x1, y2, x2].map((side) => side.toFixed(decimals)).join(' ');

/**
 * Writes an image with boxes drawn on it as PNG, whole or not at all.
 * @param boxes in pixels
 */
export async function drawBoxes(path: string, image: RgbImage, boxes: readonly Box[]): Promise<void> {
  const { width, height, data } = image;
  const overlay = boxOverlay({ width, height, boxes, stroke: strokeFor(image) });
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .composite([{ input: overlay }])
    .png()
    .toBuffer();
  await writeAtomic(path, (file) => writeAll(file, bytes));
}
