import { normaliseBox } from '../../../src/data/index.ts';
import type { Box } from '../../../src/index.ts';
import { createRandom, type Random } from '../../../src/tensor/index.ts';
import type { Concept, EmojiDataset } from '../dataset.ts';
import type { Style } from '../drawings/styles.ts';
import { type Background, backgrounds, drawBackground } from './background.ts';
import { type CanvasSize, checkSceneOptions, drawCanvasSize } from './options.ts';
import { type Canvas, findPlace, type Occlusion, paste, sprite } from './place.ts';
import { resizeDrawing } from './resizeDrawing.ts';
import type { Scene, SceneObject } from './scene.ts';
import type { SceneVocabulary } from './vocabulary.ts';

export interface SceneOptions {
  readonly seed: number;
  /** What the scenes are made of: see {@link sceneVocabulary}. */
  readonly vocabulary: SceneVocabulary;
  /** One size for all scenes, or random aspect ratios. Sides 8 … 2048 pixels. */
  readonly canvas: CanvasSize;
  /** Fewest and most drawings that are tried, 1 … 100. A drawing without a place is left out. Default 1 … 5. */
  readonly objects?: readonly [number, number];
  /** Smallest and largest side of a drawing, in shares of the scene's shorter side. Default 0.25 … 0.6. */
  readonly objectSize?: readonly [number, number];
  /** Largest share of a drawing's pixels that nearer ones may hide, 0 … below 1. Default 0.3. */
  readonly maxOverlap?: number;
  /** Chance that a scene of several drawings shows one concept twice, for "the left …". Default 0.2. */
  readonly repeatProbability?: number;
  /** Kinds of background, each as likely. Default: all. */
  readonly backgrounds?: readonly Background[];
}

/** An endless collection of scenes: scene `index` is a pure function of the data set, the options and `index`. */
export interface Scenes {
  readonly vocabulary: SceneVocabulary;
  /** @throws RangeError when the index is not a non-negative integer. */
  sceneAt(index: number): Scene;
}

const REDRAWS = 50;

/** Different things, no two of one family (they may look alike); at times the second repeats the first. */
function drawConcepts(
  concepts: readonly Concept[],
  count: number,
  repeatProbability: number,
  random: Random,
): Concept[] {
  const repeat = count > 1 && random.next() < repeatProbability;
  const chosen: Concept[] = [];
  for (let draw = 0; chosen.length < count && draw < REDRAWS; draw++) {
    const concept = random.pick(concepts);
    if (chosen.some(({ family }) => family === concept.family)) continue;
    chosen.push(concept);
    if (repeat && chosen.length === 1) chosen.push(concept);
  }
  return random.shuffle(chosen);
}

interface Placed extends Occlusion {
  readonly concept: number;
  readonly style: Style;
  readonly side: number;
}

/** The box around each instance's pixels, in one pass. */
function boxesOf({ instances, width, height }: Canvas, count: number): Box[] {
  const boxes = Array.from({ length: count }, () => ({ y1: height, x1: width, y2: 0, x2: 0 }));
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const instance = instances[at]!;
      if (instance === 0) continue;
      const box = boxes[instance - 1]!;
      if (y < box.y1) box.y1 = y;
      if (x < box.x1) box.x1 = x;
      if (y >= box.y2) box.y2 = y + 1;
      if (x >= box.x2) box.x2 = x + 1;
    }
  }
  return boxes;
}

function label(canvas: Canvas, placed: readonly Placed[], smallest: number): SceneObject[] {
  const boxes = boxesOf(canvas, placed.length);
  return placed.map(({ concept, style, side, pixels, hidden }, i) => ({
    concept,
    style,
    box: boxes[i]!,
    normalisedBox: normaliseBox(boxes[i]!, canvas),
    area: pixels - hidden,
    visibleShare: 1 - hidden / pixels,
    depth: placed.length - 1 - i,
    distance: smallest / side,
  }));
}

/**
 * Scenes with true labels: one to five drawings on a background, larger ones nearer and over smaller ones. No drawing
 * is rotated, mirrored or coloured anew, since names tell directions and colours.
 * @throws RangeError when an option is out of range.
 */
export function createScenes(dataset: EmojiDataset, options: SceneOptions): Scenes {
  const { seed, vocabulary, canvas: canvasSize, repeatProbability = 0.2 } = options;
  const { objects = [1, 5], objectSize = [0.25, 0.6], maxOverlap = 0.3 } = options;
  const kinds = options.backgrounds ?? backgrounds;
  checkSceneOptions({ canvas: canvasSize, objects, objectSize, maxOverlap, repeatProbability, kinds });
  // Scenes of two splits are different scenes, not the same places with other drawings.
  const name = JSON.stringify(vocabulary.split);

  function sceneAt(index: number): Scene {
    if (!Number.isSafeInteger(index) || index < 0) {
      throw new RangeError(`scene index is ${index}; it must be a non-negative integer`);
    }
    const random = createRandom(seed, 'emoji', 'scene', name, index);
    const { width, height } = drawCanvasSize(canvasSize, random);
    const canvas: Canvas = {
      width,
      height,
      pixels: new Uint8Array(width * height * 3),
      instances: new Uint8Array(width * height),
    };
    const background = random.pick(kinds);
    drawBackground(background, canvas.pixels, width, height, random);
    const count = objects[0] + random.int(objects[1] - objects[0] + 1);
    const concepts = drawConcepts(vocabulary.concepts, count, repeatProbability, random);
    const shorter = Math.min(width, height);
    const [smallest, largest] = objectSize.map((share) => Math.max(1, Math.round(share * shorter)));
    // Perspective: the small ones are far away, so they come first.
    const sides = concepts.map(() => smallest! + random.int(largest! - smallest! + 1)).sort((a, b) => a - b);
    const placed: Placed[] = [];
    concepts.forEach(({ index: concept }, i) => {
      const side = sides[i]!;
      const style = random.pick(vocabulary.stylesOf(concept));
      const drawing = sprite(resizeDrawing(dataset.picture(style, concept), dataset.size, side));
      const place = findPlace(canvas, drawing, placed, maxOverlap, random);
      if (place === undefined) return;
      placed.push({ concept, style, side, pixels: drawing.pixels, hidden: 0 });
      paste(canvas, drawing, place.left, place.top, placed.length);
    });
    return {
      image: { width, height, data: canvas.pixels },
      objects: label(canvas, placed, smallest!),
      instances: canvas.instances,
      background,
    };
  }

  return { vocabulary, sceneAt };
}
