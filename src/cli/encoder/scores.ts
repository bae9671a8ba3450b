import type { LabelScore } from '../../encoder/classify.ts';
import { type CliIo, print } from '../support/io.ts';
import { bar } from '../support/progress.ts';

/** A probability as a share, with digits left for small ones: `93.1 %`, `0.0045 %`. */
export function formatProbability(probability: number): string {
  const percent = 100 * probability;
  return `${percent >= 0.1 ? percent.toFixed(1) : percent.toPrecision(2)} %`;
}

/** One image's probabilities: its path, then a line for each text. */
export function printScores(io: CliIo, image: string, scores: readonly LabelScore[]): void {
  print(io, image);
  for (const { label, probability } of scores)
    print(io, `  ${bar(probability, 10)} ${formatProbability(probability).padStart(9)}  ${label}`);
}
