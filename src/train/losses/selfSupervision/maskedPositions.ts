import { int32, type NdArray } from '../../../tensor/index.ts';
import type { Random } from '../../../tensor/random.ts';
import { check, share, count as whole } from '../../../tensor/settings.ts';

/**
 * How many of `tokens` patches are masked: ⌊ratio · tokens⌋.
 * @throws RangeError when that is none or all of them
 */
export function maskedCount(tokens: number, ratio: number): number {
  check('tokens', whole, tokens);
  check('ratio', share, ratio);
  const count = Math.floor(tokens * ratio);
  if (!(count >= 1 && count < tokens)) {
    throw new RangeError(
      `masking ${ratio} of ${tokens} patches masks ${count}; some must be masked and some not`,
    );
  }
  return count;
}

/**
 * The batch input `masked_positions`: for each image a uniformly drawn set of patch positions (TIPS; paper §2.3), ascending.
 * @param random the stream of the step, e.g. `createRandom(seed, 'mask', step)`
 * @param ratio share of masked patches; the paper's is 0.5
 * @returns int32 [images, ⌊ratio · tokens⌋]
 */
export function drawMaskedPositions(
  random: Random,
  images: number,
  tokens: number,
  ratio = 0.5,
): NdArray<'int32'> {
  const count = maskedCount(tokens, ratio);
  const positions = new Int32Array(images * count);
  for (let i = 0; i < images; i++) {
    positions.set(random.permutation(tokens).subarray(0, count).sort(), i * count);
  }
  return int32([images, count], positions);
}
