import { float32 } from '../../../src/tensor/index.ts';
import { createRandom, type Random } from '../../../src/tensor/random.ts';
import type { PairEmbeddings } from '../../../src/train/curation/pairLosses.ts';

/** Random unit vectors in pairs; `agreement` pulls each text towards its image, so that pairs match more or less. */
export function randomPairs(
  count: number,
  width: number,
  name: string,
  agreement: (pair: number) => number = () => 0,
): PairEmbeddings {
  const random = createRandom(7, 'pairs', name);
  const unit = (values: number[]) => {
    const norm = Math.hypot(...values);
    return values.map((value) => value / norm);
  };
  const draw = () => unit(Array.from({ length: width }, () => random.normal()));
  const images = Array.from({ length: count }, draw);
  const texts = images.map((image, pair) => {
    const noise = draw();
    return unit(noise.map((value, k) => value + agreement(pair) * image[k]!));
  });
  return {
    images: float32([count, width], images.flat()),
    texts: float32([count, width], texts.flat()),
    scalars: { logTemperature: Math.log(10), bias: -3 },
  };
}

/** The whole matrix ℓ[i][j] = softplus(−z(e^t·⟨x, y⟩ + b)), in double precision. */
export function lossMatrix({ images, texts, scalars }: PairEmbeddings): number[][] {
  const [count, width] = images.shape as [number, number];
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (_, j) => {
      let dot = 0;
      for (let k = 0; k < width; k++) dot += images.data[i * width + k]! * texts.data[j * width + k]!;
      const logit = Math.exp(scalars.logTemperature) * dot + scalars.bias;
      return Math.log1p(Math.exp(i === j ? -logit : logit));
    }),
  );
}

/** Learnability of every pair of pairs. */
export const learnabilityMatrix = (learner: PairEmbeddings, teacher: PairEmbeddings): number[][] => {
  const [a, b] = [lossMatrix(learner), lossMatrix(teacher)];
  return a.map((row, i) => row.map((loss, j) => loss - b[i]![j]!));
};

/**
 * Joint selection as its description reads: the logits of each round from the whole matrix, members at −1e8, and the
 * same Gumbel draws in the same order.
 */
export function bruteForce(scores: number[][], select: number, chunks: number, random: Random): number[] {
  const chosen: number[] = [];
  for (let chunk = 1; chunk <= chunks; chunk++) {
    const logits = scores.map((row, i) => {
      let logit = row[i]!;
      for (const k of chosen) logit += scores[k]![i]! + row[k]!;
      return chosen.includes(i) ? logit - 1e8 : logit;
    });
    const noisy = logits.map((logit) => logit - Math.log(-Math.log(random.next())));
    const order = noisy.map((_, i) => i).sort((a, b) => noisy[b]! - noisy[a]!);
    chosen.push(...order.slice(0, Math.floor((chunk * select) / chunks) - chosen.length));
  }
  return chosen;
}
