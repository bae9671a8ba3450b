/**
 * How well the part of a picture is found that a text names: on scenes of emoji with known boxes, with the embedded model.
 *
 *   npx tsx bench/regions.ts [scenes]
 *
 * Prints for each way the mean intersection over union with the true box, the share of boxes with at least 0.5, and the
 * share whose middle lies in the true box.
 */
import { buildEmojiDataset } from '../datasets/emoji/buildDataset.ts';
import { createScenes } from '../datasets/emoji/scenes/generator.ts';
import { sceneVocabulary } from '../datasets/emoji/scenes/vocabulary.ts';
import { SPLIT_SEED } from '../datasets/emoji/split.ts';
import { componentBounds, connectedComponents } from '../src/data/annotation/components.ts';
import { load } from '../src/encoder/load.ts';
import type { PatchScores } from '../src/encoder/patchScores.ts';
import { type Box, intersectionOverUnion } from '../src/input/image/box.ts';
import { findRegion } from '../src/search/regions/findRegion.ts';
import { cosinesOf, heatRange } from '../src/search/regions/heat.ts';
import { hotBox } from '../src/search/regions/hotBox.ts';

const count = Number(process.argv[2] ?? 100);
const CANVAS = { pixels: 240 * 240, aspect: [1 / 2, 2] } as const;
const LEVEL = 0.6;

/** The other way to take a box from patches: around the largest part that hangs together above a level. */
function largestPart(scores: PatchScores): Box {
  const { rows, columns, size } = scores;
  const { least, most } = heatRange(scores, 0);
  const limit = least + LEVEL * (most - least);
  const marked = Array.from(cosinesOf(scores, 0), (cosine) => cosine >= limit);
  const [largest] = connectedComponents(marked, rows, columns).sort((a, b) => b.length - a.length);
  const { top, left, bottom, right } = componentBounds(largest!, columns);
  const [y, x] = [size.height / rows, size.width / columns];
  return { y1: top * y, x1: left * x, y2: bottom * y, x2: right * x };
}

const dataset = await buildEmojiDataset({ seed: SPLIT_SEED });
const vocabulary = sceneVocabulary(dataset, { split: { styles: 'heldOut' }, locales: ['en'] });
const scenes = createScenes(dataset, {
  ...{ seed: 1_000_003, vocabulary, canvas: CANVAS, objects: [2, 5], repeatProbability: 0 },
});
const encoder = await load();
const found = new Map<string, { readonly overlap: number; readonly hit: boolean }[]>();

function add(way: string, box: Box, truth: Box): void {
  const [y, x] = [(box.y1 + box.y2) / 2, (box.x1 + box.x2) / 2];
  const hit = truth.y1 <= y && y <= truth.y2 && truth.x1 <= x && x <= truth.x2;
  found.set(way, [...(found.get(way) ?? []), { overlap: intersectionOverUnion(box, truth), hit }]);
}

for (let i = 0; i < count; i++) {
  const { image, objects } = scenes.sceneAt(i);
  for (const { concept, box: truth } of objects) {
    const { data: query } = await encoder.embedTexts([vocabulary.name('en', concept)!]);
    const all = await findRegion(encoder, image, query);
    const { height, width } = image;
    add('whole picture', { y1: 0, x1: 0, y2: height, x2: width }, truth);
    add('patches, largest connected part', largestPart(all.scores), truth);
    add('patches, largest sum (windows: 0)', hotBox(all.scores, 0), truth);
    add('windows: 12', (await findRegion(encoder, image, query, { windows: 12 })).box, truth);
    add('all windows', all.box, truth);
  }
}
await encoder.dispose();

const mean = (values: readonly number[]): string =>
  (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3);
console.log(`${count} scenes; IoU, IoU ≥ 0.5, middle inside`);
for (const [way, results] of found) {
  const shares = [
    results.map(({ overlap }) => overlap),
    results.map(({ overlap }) => Number(overlap >= 0.5)),
    results.map(({ hit }) => Number(hit)),
  ];
  console.log(`${way.padEnd(36)} ${shares.map(mean).join('  ')}  (${results.length})`);
}
