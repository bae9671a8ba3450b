import { expect, it } from 'vitest';
import { createRandom } from '../../../src/tensor/random.ts';
import { createPairLosses } from '../../../src/train/curation/pairLosses.ts';
import { pairScores } from '../../../src/train/curation/pairScores.ts';
import { selectJointly } from '../../../src/train/curation/selectJointly.ts';
import { randomPairs } from './reference.ts';

it('a super-batch of 16,384 never has its matrix in memory', async () => {
  const losses = await createPairLosses(1024, { threads: 2 });
  const [teacher, learner] = [
    randomPairs(16_384, 8, 'large teacher'),
    randomPairs(16_384, 8, 'large learner'),
  ];
  const before = process.resourceUsage().maxRSS;
  const scores = pairScores(losses, { score: 'learnability', teacher, learner });
  const chosen = await selectJointly(scores, { select: 1024, chunks: 4 }, createRandom(0));
  // Kilobytes. One matrix of float32 is 1 GiB, and there are two models; a block of 1024 × 256 is 1 MiB.
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(200 * 1024);
  expect(new Set(chosen).size).toBe(1024);
  await losses.dispose();
});
