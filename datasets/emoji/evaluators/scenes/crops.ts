import { rgbImage } from '../../../../src/data/index.ts';
import {
  evaluateZeroShot,
  type ZeroShotOptions,
  type ZeroShotResult,
} from '../../../../src/evaluate/index.ts';
import type { Box, Encoder, RgbImage } from '../../../../src/index.ts';
import type { Scenes } from '../../scenes/generator.ts';
import type { Scene } from '../../scenes/scene.ts';

export interface SceneCropOptions extends ZeroShotOptions {
  /** Default 100. */
  readonly scenes?: number;
  /** Where to start in the collection. Default 0. */
  readonly firstScene?: number;
  /** Language of the class names. */
  readonly locale: string;
}

/** The square around a box, as far as the picture reaches. */
function squareAround({ y1, x1, y2, x2 }: Box, { width, height }: RgbImage): Box {
  const side = Math.max(y2 - y1, x2 - x1);
  const [top, left] = [Math.floor((y1 + y2 - side) / 2), Math.floor((x1 + x2 - side) / 2)];
  return {
    y1: Math.max(0, top),
    x1: Math.max(0, left),
    y2: Math.min(height, top + side),
    x2: Math.min(width, left + side),
  };
}

function crop(image: RgbImage, { y1, x1, y2, x2 }: Box): RgbImage {
  const [width, height] = [x2 - x1, y2 - y1];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((y1 + y) * image.width + x1) * 3;
    data.set(image.data.subarray(from, from + width * 3), y * width * 3);
  }
  return rgbImage(width, height, data);
}

const cropsOf = ({ image, objects }: Scene) =>
  objects.map(({ box, concept }) => ({ picture: crop(image, squareAround(box, image)), concept }));

/**
 * Zero-shot classification of the objects of scenes, cut out by their true boxes, among every concept that the scenes'
 * vocabulary names in one language. Concepts of one name in it are one class. Names are taken as they are unless
 * `templates` or `canonical` says otherwise.
 */
export async function evaluateSceneCrops(
  encoder: Pick<Encoder, 'width' | 'embedImages' | 'embedTexts'>,
  scenes: Scenes,
  options: SceneCropOptions,
): Promise<ZeroShotResult> {
  const { scenes: count = 100, firstScene = 0, locale } = options;
  const { templates = ['{}'], canonical = false } = options;
  const { vocabulary } = scenes;
  const nameOf = (concept: number) => vocabulary.name(locale, concept);
  const names = vocabulary.concepts.map(({ index }) => nameOf(index)).filter((name) => name !== undefined);
  const classNames = [...new Set(names)];
  if (classNames.length === 0) throw new Error(`the scenes' vocabulary has no names in '${locale}'`);
  const crops = Array.from({ length: count }, (_, i) => cropsOf(scenes.sceneAt(firstScene + i)))
    .flat()
    .filter(({ concept }) => nameOf(concept) !== undefined);
  return evaluateZeroShot(
    encoder,
    crops.map(({ picture }) => picture),
    crops.map(({ concept }) => classNames.indexOf(nameOf(concept)!)),
    classNames,
    { templates, canonical },
  );
}
