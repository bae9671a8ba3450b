import { type ImageSize, normaliseBox, resizePillow, scaleBox } from '../../../src/data/index.ts';
import type { Scene } from './scene.ts';

/**
 * The same scene squashed or stretched to another size, its drawings with it: what a fixed-resolution model does to
 * every picture, and NaFlex does not. Boxes are scaled exactly; masks take the nearest pixel, so a mask may end half a
 * pixel beside its box. `area` is scaled with the picture.
 */
export function stretchScene(scene: Scene, { width, height }: ImageSize): Scene {
  const [y, x] = [height / scene.image.height, width / scene.image.width];
  const instances = new Uint8Array(width * height);
  for (let row = 0, at = 0; row < height; row++) {
    const from = Math.floor((row + 0.5) / y) * scene.image.width;
    for (let column = 0; column < width; column++, at++) {
      instances[at] = scene.instances[from + Math.floor((column + 0.5) / x)]!;
    }
  }
  return {
    ...scene,
    image: resizePillow(scene.image, width, height, 'bilinear'),
    instances,
    objects: scene.objects.map((object) => {
      const box = scaleBox(object.box, y, x);
      return {
        ...object,
        box,
        normalisedBox: normaliseBox(box, { width, height }),
        area: object.area * y * x,
      };
    }),
  };
}
