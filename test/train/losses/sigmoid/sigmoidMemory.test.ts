import { expect, it } from 'vitest';
import { compile, float32, grad, input } from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { sigmoidLoss } from '../../../../src/train/losses/sigmoid/sigmoidLoss.ts';
import { memoryGrowth } from '../../memoryGrowth.ts';

const [PAIRS, WIDTH] = [3072, 16];
const MiB = 1024;

/** By how many KiB the process's largest memory grows when loss and gradients are computed. */
async function growth(rows: number): Promise<number> {
  const inputs = {
    images: input('images', 'float32', [PAIRS, WIDTH]),
    texts: input('texts', 'float32', [PAIRS, WIDTH]),
    logitScale: input('logitScale', 'float32', [1]),
    logitBias: input('logitBias', 'float32', [1]),
  };
  const loss = sigmoidLoss(inputs, { rows });
  const gradients = grad(loss, Object.values(inputs));
  const outputs = { loss, ...Object.fromEntries(gradients.map((gradient, i) => [`gradient${i}`, gradient])) };
  const session = await compile({ outputs }, { threads: 1 });
  const random = createRandom(1);
  const embeddings = () =>
    float32(
      [PAIRS, WIDTH],
      Float32Array.from({ length: PAIRS * WIDTH }, () => random.uniform(-0.4, 0.4)),
    );
  const feeds = {
    images: embeddings(),
    texts: embeddings(),
    logitScale: float32([1], [2]),
    logitBias: float32([1], [-10]),
  };
  return memoryGrowth(session, feeds);
}

it('blocks bound the memory of forward and backward pass', async () => {
  // All logits are 36 MiB, a block of them 2.25 MiB. The whole needs several of the former: the second half shows that
  // the first can fail.
  const blocks = await growth(192);
  const whole = await growth(PAIRS);
  expect(blocks).toBeLessThan(32 * MiB);
  expect(whole).toBeGreaterThan(72 * MiB);
});
