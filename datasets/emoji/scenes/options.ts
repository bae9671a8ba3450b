import type { ImageSize } from '../../../src/data/index.ts';
import type { Random } from '../../../src/tensor/index.ts';
import type { Background } from './background.ts';

/** Scenes of one size; or of about `pixels` pixels with a random aspect ratio (width / height, log-uniform). */
export type CanvasSize =
  | ImageSize
  | { readonly pixels: number; readonly aspect: readonly [smallest: number, largest: number] };

const SMALLEST_SIDE = 8;
const LARGEST_SIDE = 2048;

const sizeFor = (pixels: number, aspect: number): ImageSize => ({
  width: Math.round(Math.sqrt(pixels * aspect)),
  height: Math.round(Math.sqrt(pixels / aspect)),
});

export function drawCanvasSize(canvas: CanvasSize, random: Random): ImageSize {
  if (!('pixels' in canvas)) return canvas;
  const [smallest, largest] = canvas.aspect;
  return sizeFor(canvas.pixels, smallest * (largest / smallest) ** random.next());
}

interface Checked {
  readonly canvas: CanvasSize;
  readonly objects: readonly [number, number];
  readonly objectSize: readonly [number, number];
  readonly maxOverlap: number;
  readonly repeatProbability: number;
  readonly kinds: readonly Background[];
}

function checkCanvas(canvas: CanvasSize): void {
  const extremes =
    'pixels' in canvas ? canvas.aspect.map((aspect) => sizeFor(canvas.pixels, aspect)) : [canvas];
  for (const { width, height } of extremes) {
    for (const side of [width, height]) {
      if (!Number.isInteger(side) || side < SMALLEST_SIDE || side > LARGEST_SIDE) {
        throw new RangeError(
          `canvas gives scenes of ${width}×${height}; sides must be integers from ${SMALLEST_SIDE} to ${LARGEST_SIDE}`,
        );
      }
    }
  }
}

function checkRange(name: string, [low, high]: readonly [number, number], least: number, most: number): void {
  if (!(least <= low && low <= high && high <= most)) {
    throw new RangeError(`${name} is ${low} … ${high}; it must rise within ${least} … ${most}`);
  }
}

/** @throws RangeError that names the option. */
export function checkSceneOptions(options: Checked): void {
  const { canvas, objects, objectSize, maxOverlap, repeatProbability, kinds } = options;
  checkCanvas(canvas);
  checkRange('objects', objects, 1, 100);
  if (!objects.every(Number.isInteger))
    throw new RangeError(`objects is ${objects.join(' … ')}; use integers`);
  checkRange('objectSize', objectSize, 0.01, 1);
  if (!(maxOverlap >= 0 && maxOverlap < 1)) {
    throw new RangeError(`maxOverlap is ${maxOverlap}; it must be at least 0 and below 1`);
  }
  checkRange('repeatProbability', [repeatProbability, repeatProbability], 0, 1);
  if (kinds.length === 0) throw new RangeError('backgrounds is empty; name at least one kind');
}
