/**
 * What NaFlex pictures cost by their length, and whether a mixed set pays for its own lengths alone: B/16 NaFlex with
 * random weights on one thread of the CPU, in seconds of that thread, which other work on the machine does not change.
 *
 *     npx tsx bench/naflexLengths.ts            # 4 minutes on a free core, 1 GB
 *
 * "own" is the sum of what each picture's length costs a picture in runs of that length only; "sorted" is one call with
 * all of them; "padded" is what 256 patches for each would cost.
 */
import { load } from '../src/encoder/load.ts';
import { patchCount } from '../src/input/image/naflex/naflexPicture.ts';
import { naflexPreprocessing } from '../src/input/image/preprocessing.ts';
import { type RgbImage, rgbImage } from '../src/input/image/rgbImage.ts';
import { createRandom } from '../src/tensor/random.ts';
import { releasedModel } from '../test/full/releasedModel.ts';

const PICTURES = 200;
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

const encoder = await load(await releasedModel({ variant: 'base-patch16-naflex' }), { threads: 1 });

/** Milliseconds of the processor a picture. */
async function cost(images: readonly RgbImage[], maxNumPatches = BUDGET): Promise<number> {
  const start = process.cpuUsage();
  await encoder.embedImages(images, { maxNumPatches });
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / images.length;
}

const STEPS = [128, 192, 256];
const byStep = new Map<number, number>();
await cost(ofLength(BUDGET).slice(0, 2));
for (const step of STEPS) {
  byStep.set(step, await cost(ofLength(step)));
  console.log(`strips of ${step} patches: ${byStep.get(step)!.toFixed(0)} ms a picture`);
}

/** Between two measured lengths, in proportion. */
function costOf(length: number): number {
  const upper = STEPS.find((step) => step >= length) ?? BUDGET;
  const lower = STEPS.findLast((step) => step <= length) ?? upper;
  const [a, b] = [byStep.get(lower)!, byStep.get(upper)!];
  return upper === lower ? a : a + ((b - a) * (length - lower)) / (upper - lower);
}

const lengths = mixed.map((image) => patchCount(image, naflexPreprocessing(16, BUDGET)));
const own = lengths.reduce((total, length) => total + costOf(length), 0);
const sorted = (await cost(mixed)) * PICTURES;
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
console.log(`${PICTURES} pictures of ${Math.min(...lengths)} to ${Math.max(...lengths)} patches:`);
console.log(`  own ${seconds(own)}, sorted ${seconds(sorted)} = ${(sorted / own).toFixed(3)} × own`);
console.log(`  padded ${seconds(PICTURES * costOf(BUDGET))}`);

const few = mixed.slice(0, 9);
const together = await encoder.embedImages(few);
let largest = 0;
for (const [i, one] of few.entries()) {
  const alone = await encoder.embedImages([one]);
  alone.data.forEach((value, j) => {
    largest = Math.max(largest, Math.abs(value - together.data[i * encoder.width + j]!));
  });
}
console.log(`  largest difference from a picture embedded alone: ${largest.toExponential(1)}`);

console.log('most patches → ms a square picture, most resident memory of the process so far:');
for (const patches of [64, 256, 576, 1024]) {
  const squares = Array.from({ length: Math.max(2, Math.ceil(2048 / patches)) }, (_, i) =>
    picture(512, 512, i),
  );
  const each = await cost(squares, patches);
  console.log(`  ${patches}: ${each.toFixed(0)} ms, ${(process.resourceUsage().maxRSS / 1e6).toFixed(1)} GB`);
}
await encoder.dispose();
