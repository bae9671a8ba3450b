import {
  type DepthResult,
  fitDepthProbe,
  fitSegmentationProbe,
  type SegmentationResult,
  scoreDepth,
  scoreSegmentation,
} from '../../../../src/evaluate/index.ts';
import type { Encoder } from '../../../../src/index.ts';
import type { EmojiDataset } from '../../dataset.ts';
import type { Scenes } from '../../scenes/generator.ts';
import { pixelLabels, type Scene } from '../../scenes/scene.ts';

export interface SceneDenseOptions {
  /** Scenes that the probes are fitted on, the first ones of `train`. Default 200. */
  readonly trainScenes?: number;
  /** Scenes of each test set. Default 100. */
  readonly testScenes?: number;
  /** l2 regularisation of both probes, above 0. Default 2^10. */
  readonly regularisation?: number;
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

export interface SceneDenseResult {
  readonly set: string;
  readonly segmentation: SegmentationResult;
  readonly depth: DepthResult;
}

/** Distance of the background: that of the farthest thing. */
const BACKGROUND_DISTANCE = 1;

/** Classes for segmentation: 0 for the background, then Unicode's groups of emoji ("Animals & Nature", …) by name. */
export function groupClasses(dataset: EmojiDataset): {
  readonly names: readonly string[];
  readonly classOf: (concept: number) => number;
} {
  const groups = [...new Set(dataset.concepts.map(({ group }) => group))].sort();
  const names = ['background', ...groups];
  return { names, classOf: (concept) => names.indexOf(dataset.concepts[concept]!.group) };
}

async function examplesOf(
  encoder: Pick<Encoder, 'imageFeatures'>,
  scenes: readonly Scene[],
  classOf: (concept: number) => number,
) {
  const features = await encoder.imageFeatures(scenes.map(({ image }) => image));
  return scenes.map((scene, i) => ({
    features: features[i]!,
    height: scene.image.height,
    width: scene.image.width,
    labels: pixelLabels(scene, ({ concept }) => classOf(concept), 0),
    depth: pixelLabels(scene, ({ distance }) => distance, BACKGROUND_DISTANCE),
    instances: scene.instances,
  }));
}

const first = (scenes: Scenes, start: number, count: number): Scene[] =>
  Array.from({ length: count }, (_, i) => scenes.sceneAt(start + i));

/**
 * Dense probing on scenes with true labels: linear segmentation into groups of emoji and linear depth, on frozen patch
 * features (Table 2, in miniature). The probes are fitted once, on scenes of `train`.
 * @param tests sets by name; a set that is `train` itself is asked for scenes that the probes have not seen
 */
export async function evaluateSceneDense(
  encoder: Pick<Encoder, 'imageFeatures'>,
  dataset: EmojiDataset,
  train: Scenes,
  tests: Readonly<Record<string, Scenes>>,
  options: SceneDenseOptions = {},
): Promise<SceneDenseResult[]> {
  const { trainScenes = 200, testScenes = 100, regularisation, onProgress } = options;
  const { names, classOf } = groupClasses(dataset);
  const sets = Object.entries(tests);
  onProgress?.(0, sets.length + 1, 'training scenes');
  const fitted = await examplesOf(encoder, first(train, 0, trainScenes), classOf);
  const segmentation = fitSegmentationProbe(fitted, { classes: names.length, regularisation });
  const depth = fitDepthProbe(fitted, regularisation);
  const results: SceneDenseResult[] = [];
  for (const [i, [set, scenes]] of sets.entries()) {
    onProgress?.(i + 1, sets.length + 1, set);
    // Behind the training scenes, in case it is the same collection.
    const examples = await examplesOf(encoder, first(scenes, trainScenes, testScenes), classOf);
    results.push({
      set,
      segmentation: scoreSegmentation(segmentation, examples, names.length),
      depth: scoreDepth(depth, examples),
    });
  }
  onProgress?.(sets.length + 1, sets.length + 1, 'done');
  return results;
}
