/**
 * What NaFlex pictures cost by their length, and whether a mixed set pays for its own lengths alone: B/16 NaFlex with
 * random weights, on the CPU.
 *
 *     npx tsx bench/naflexLengths.ts            # 2 minutes, 1.5 GB
 *
 * "own" is the sum of what each picture's length costs a picture in runs of that length only; "sorted" is one call with
 * all of them; "padded" is what 256 patches for each would cost.
 */
import { load } from '../src/encoder.ts';
import { naflexPreprocessing } from '../src/input/image/config.ts';
import { patchCount } from '../src/input/image/naflexPicture.ts';
import { type RgbImage, rgbImage } from '../src/input/image/rgbImage.ts';
import { createRandom } from '../src/tensor/random.ts';
import { releasedModel } from '../test/full/releasedModel.ts';
import { median } from './stats.ts';

const PICTURES = 200;
const ROUNDS = 3;
const BUDGET = 256;
/** Sides in pixels: half of the set are photographs from 1 : 1 to 1 : 8, half strips of 1 : 129 to 1 : 256. */
const SHORT_SIDE = 96;

function picture(long: number, short: number, seed: number): RgbImage {
  const random = createRandom(seed, 'picture');
  return rgbImage(
    long,
    short,
    Uint8Array.from({ length: long * short * 3 }, () => random.int(256)),
  );
}

const random = createRandom(5, 'shapes');
const mixed = Array.from({ length: PICTURES }, (_, i) =>
  i % 2 === 0
    ? picture(SHORT_SIDE + random.int(7 * SHORT_SIDE), SHORT_SIDE, i)
    : picture(8 * (129 + random.int(128)), 8, i),
);
/** Strips of so many patches, as many as make a run. */
const ofLength = (length: number): RgbImage[] =>
  Array.from({ length: Math.max(1, Math.floor(2048 / length)) }, (_, i) => picture(8 * length, 8, i));

const encoder = await load(await releasedModel({ variant: 'base-patch16-naflex' }));

/** Milliseconds a picture. */
async function time(images: readonly RgbImage[], maxNumPatches = BUDGET): Promise<number> {
  const start = performance.now();
  await encoder.embedImages(images, { maxNumPatches });
  return (performance.now() - start) / images.length;
}

const STEPS = [128, 160, 192, 224, 256];
const byStep = new Map<number, number[]>(STEPS.map((step) => [step, []]));
const sorted: number[] = [];
await time(ofLength(BUDGET));
for (let round = 0; round < ROUNDS; round++) {
  for (const step of STEPS) byStep.get(step)!.push(await time([...ofLength(step), ...ofLength(step)]));
  sorted.push((await time(mixed)) * PICTURES);
}

/** Between two measured lengths, in proportion. */
function costOf(length: number): number {
  const upper = STEPS.find((step) => step >= length) ?? BUDGET;
  const lower = STEPS.findLast((step) => step <= length) ?? upper;
  const [a, b] = [median(byStep.get(lower)!), median(byStep.get(upper)!)];
  return upper === lower ? a : a + ((b - a) * (length - lower)) / (upper - lower);
}

const lengths = mixed.map((image) => patchCount(image, naflexPreprocessing(16, BUDGET)));
const own = lengths.reduce((total, length) => total + costOf(length), 0);
const all = median(sorted);
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
console.log(`${PICTURES} pictures of ${Math.min(...lengths)} to ${Math.max(...lengths)} patches:`);
console.log(`  own ${seconds(own)}, sorted ${seconds(all)} = ${(all / own).toFixed(3)} × own`);
console.log(`  padded ${seconds(PICTURES * costOf(BUDGET))}`);

const together = await encoder.embedImages(mixed);
let largest = 0;
for (let i = 0; i < 16; i++) {
  const alone = await encoder.embedImages([mixed[i]!]);
  alone.data.forEach((value, j) => {
    largest = Math.max(largest, Math.abs(value - together.data[i * encoder.width + j]!));
  });
}
console.log(`  largest difference from a picture embedded alone: ${largest.toExponential(1)}`);

console.log('most patches → ms a picture, resident memory of the process so far:');
for (const patches of [64, 128, 256, 576, 1024]) {
  const squares = Array.from({ length: Math.max(2, Math.ceil(4096 / patches)) }, (_, i) =>
    picture(512, 512, i),
  );
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) costs.push(await time(squares, patches));
  const gigabytes = process.memoryUsage.rss() / 1e9;
  console.log(`  ${patches}: ${median(costs).toFixed(0)} ms, ${gigabytes.toFixed(1)} GB`);
}
await encoder.dispose();
