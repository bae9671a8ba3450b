import type { Random } from '../../../src/tensor/index.ts';

/** What lies behind the drawings. */
export const backgrounds = ['flat', 'gradient', 'noise', 'shapes'] as const;
export type Background = (typeof backgrounds)[number];

type Colour = readonly [number, number, number];

const drawColour = (random: Random): Colour => [
  random.uniform(0, 255),
  random.uniform(0, 255),
  random.uniform(0, 255),
];

function fill(pixels: Uint8Array, colour: Colour): void {
  for (let at = 0; at < pixels.length; at += 3) {
    pixels[at] = colour[0];
    pixels[at + 1] = colour[1];
    pixels[at + 2] = colour[2];
  }
}

/** One colour into another along a random direction; the corners lie at 0 and 1. */
function gradient(pixels: Uint8Array, width: number, height: number, random: Random): void {
  const [from, to] = [drawColour(random), drawColour(random)];
  const angle = random.uniform(0, 2 * Math.PI);
  const [dx, dy] = [Math.cos(angle) / width, Math.sin(angle) / height];
  const extent = Math.abs(dx) * width + Math.abs(dy) * height;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const t = 0.5 + ((x - width / 2) * dx + (y - height / 2) * dy) / extent;
      for (let c = 0; c < 3; c++) pixels[at + c] = from[c]! + (to[c]! - from[c]!) * t;
    }
  }
}

/** Smallest and largest distance of two nodes of a noise lattice, as shares of the shorter side. */
const NOISE_SCALES = [0.06, 0.5] as const;

/** Value noise: random colours on a lattice, blended linearly between its nodes. */
function noise(pixels: Uint8Array, width: number, height: number, random: Random): void {
  const [low, high] = NOISE_SCALES;
  const step = Math.max(2, Math.min(width, height) * low * (high / low) ** random.next());
  const columns = Math.ceil(width / step) + 2;
  const rows = Math.ceil(height / step) + 2;
  const middle = drawColour(random);
  const strength = random.uniform(20, 120);
  const nodes = Float32Array.from({ length: rows * columns * 3 }, (_, i) =>
    Math.min(255, Math.max(0, middle[i % 3]! + random.uniform(-strength, strength))),
  );
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(y / step);
    const v = y / step - row;
    for (let x = 0; x < width; x++) {
      const column = Math.floor(x / step);
      const u = x / step - column;
      const node = (row * columns + column) * 3;
      const below = node + columns * 3;
      for (let c = 0; c < 3; c++, at++) {
        const top = nodes[node + c]! * (1 - u) + nodes[node + 3 + c]! * u;
        const bottom = nodes[below + c]! * (1 - u) + nodes[below + 3 + c]! * u;
        pixels[at] = top * (1 - v) + bottom * v;
      }
    }
  }
}

const MOST_SHAPES = 6;

/** Rectangles and ellipses of random colours on one colour. They have no names: no caption speaks of them. */
function shapes(pixels: Uint8Array, width: number, height: number, random: Random): void {
  fill(pixels, drawColour(random));
  const count = 2 + random.int(MOST_SHAPES - 1);
  for (let i = 0; i < count; i++) {
    const colour = drawColour(random);
    const round = random.next() < 0.5;
    const [centreX, centreY] = [random.uniform(0, width), random.uniform(0, height)];
    const halfWidth = random.uniform(0.05, 0.35) * width;
    const halfHeight = random.uniform(0.05, 0.35) * height;
    const top = Math.max(0, Math.ceil(centreY - halfHeight));
    const bottom = Math.min(height, Math.floor(centreY + halfHeight));
    for (let y = top; y < bottom; y++) {
      const v = (y - centreY) / halfHeight;
      const half = round ? halfWidth * Math.sqrt(Math.max(0, 1 - v * v)) : halfWidth;
      const left = Math.max(0, Math.ceil(centreX - half));
      const right = Math.min(width, Math.floor(centreX + half));
      for (let x = left; x < right; x++) {
        for (let c = 0; c < 3; c++) pixels[(y * width + x) * 3 + c] = colour[c]!;
      }
    }
  }
}

/** Fills width × height × 3 bytes with a random background of the kind. */
export function drawBackground(
  kind: Background,
  pixels: Uint8Array,
  width: number,
  height: number,
  random: Random,
): void {
  if (kind === 'flat') fill(pixels, drawColour(random));
  else if (kind === 'gradient') gradient(pixels, width, height, random);
  else if (kind === 'noise') noise(pixels, width, height, random);
  else shapes(pixels, width, height, random);
}
