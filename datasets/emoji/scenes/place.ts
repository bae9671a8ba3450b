import type { Random } from '../../../src/tensor/index.ts';
import type { PremultipliedDrawing } from './resizeDrawing.ts';

/** A drawing at its size in the scene. */
export interface Sprite extends PremultipliedDrawing {
  /** Side × side: 1 where the drawing counts as there. */
  readonly mask: Uint8Array;
  /** Ones in the mask. */
  readonly pixels: number;
}

/** A canvas that drawings are put on, from the farthest to the nearest. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Height × width × 3 bytes. */
  readonly pixels: Uint8Array;
  /** Height × width: 0 for the background, i + 1 for the i-th sprite. */
  readonly instances: Uint8Array;
}

/** How much of a placed sprite was there, and how much is hidden by now. */
export interface Occlusion {
  readonly pixels: number;
  hidden: number;
}

/** Alpha from which on a pixel belongs to a drawing; faint drawings have half of their strongest. */
const OPAQUE = 128;

/** @throws Error when nothing of the drawing is visible. */
export function sprite({ side, data }: PremultipliedDrawing): Sprite {
  let strongest = 0;
  for (let at = 3; at < data.length; at += 4) strongest = Math.max(strongest, data[at]!);
  if (strongest === 0) throw new Error('a drawing is wholly transparent');
  const threshold = Math.min(OPAQUE, strongest / 2);
  const mask = new Uint8Array(side * side);
  let pixels = 0;
  for (let i = 0; i < mask.length; i++) {
    if (data[i * 4 + 3]! < threshold) continue;
    mask[i] = 1;
    pixels++;
  }
  return { side, data, mask, pixels };
}

/** For each instance, how many of its visible pixels a sprite at this place would hide. */
function wouldHide(canvas: Canvas, { side, mask }: Sprite, left: number, top: number, counts: Uint32Array) {
  counts.fill(0);
  for (let y = 0; y < side; y++) {
    const row = (top + y) * canvas.width + left;
    for (let x = 0; x < side; x++) if (mask[y * side + x]) counts[canvas.instances[row + x]!]!++;
  }
}

const ATTEMPTS = 20;

/**
 * A random place where the sprite hides no more than `maxOverlap` of any sprite before it, all earlier losses counted.
 * @param placed the sprites before it; what they lose is booked when a place is found
 * @returns undefined when none of twenty places will do
 */
export function findPlace(
  canvas: Canvas,
  drawing: Sprite,
  placed: readonly Occlusion[],
  maxOverlap: number,
  random: Random,
): { readonly left: number; readonly top: number } | undefined {
  const counts = new Uint32Array(placed.length + 1);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const left = random.int(canvas.width - drawing.side + 1);
    const top = random.int(canvas.height - drawing.side + 1);
    wouldHide(canvas, drawing, left, top, counts);
    if (placed.some(({ pixels, hidden }, i) => hidden + counts[i + 1]! > maxOverlap * pixels)) continue;
    placed.forEach((one, i) => {
      one.hidden += counts[i + 1]!;
    });
    return { left, top };
  }
  return undefined;
}

/** Draws a sprite over what is there and marks its pixels as the given instance. */
export function paste(
  canvas: Canvas,
  { side, data, mask }: Sprite,
  left: number,
  top: number,
  instance: number,
): void {
  const { width, pixels, instances } = canvas;
  for (let y = 0; y < side; y++) {
    let to = (top + y) * width + left;
    for (let i = y * side; i < (y + 1) * side; i++, to++) {
      const alpha = data[i * 4 + 3]!;
      if (alpha === 0) continue;
      const through = 1 - alpha / 255;
      // Rounds; the sum can pass 255 by a rounding error, but not by half.
      for (let c = 0; c < 3; c++) pixels[to * 3 + c] = pixels[to * 3 + c]! * through + data[i * 4 + c]! + 0.5;
      if (mask[i]) instances[to] = instance;
    }
  }
}
