import type { Box, RgbImage } from '../../../src/index.ts';
import type { Style } from '../drawings/styles.ts';
import type { Background } from './background.ts';

/** One drawing in a scene, with its true labels. */
export interface SceneObject {
  /** Index of the concept in the data set: the class. */
  readonly concept: number;
  readonly style: Style;
  /** Around its visible pixels, in pixels of the scene. */
  readonly box: Box;
  /** The same box in shares of the scene's height and width, 0 … 1. */
  readonly normalisedBox: Box;
  /** Visible pixels. */
  readonly area: number;
  /** The part of the drawing's pixels that no nearer drawing hides, 0 … 1. */
  readonly visibleShare: number;
  /** 0 for the nearest drawing, 1 for the one behind it, … */
  readonly depth: number;
  /**
   * How far away it seems, 0 … 1: as if all drawings were equally large things, so that a smaller one is farther. 1 is
   * the smallest size that the scene's options allow.
   */
  readonly distance: number;
}

/** A picture of drawings on a background, with everything that is true about it. */
export interface Scene {
  readonly image: RgbImage;
  /** From the farthest to the nearest. */
  readonly objects: readonly SceneObject[];
  /** Height × width: 0 for the background, i + 1 for `objects[i]`. */
  readonly instances: Uint8Array;
  readonly background: Background;
}

/** The pixels in which an object is visible: height × width, 1 or 0. */
export const instanceMask = ({ instances }: Scene, object: number): Uint8Array =>
  instances.map((instance) => (instance === object + 1 ? 1 : 0));

/**
 * One value per pixel, taken from the object that is visible there.
 * @param value of the i-th object
 * @param background the value where there is no object
 */
export function pixelLabels(
  { instances, objects }: Scene,
  value: (object: SceneObject) => number,
  background: number,
): Float32Array {
  const values = [background, ...objects.map(value)];
  return Float32Array.from(instances, (instance) => values[instance]!);
}
