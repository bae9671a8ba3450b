import type { LogitScalars } from '../../encoder/classify.ts';
import type { Neighbour } from '../collection/collection.ts';

/** What is to be said of a picture that was found. */
export interface Judged {
  /** 0 … 1 */
  readonly probability: number;
  readonly fits: boolean;
}

/** Judges the pictures that are nearest to a query, in their order. */
export type Judge = (nearest: readonly Neighbour[]) => Promise<readonly Judged[]>;

/** The probability that the model's own head gives, whatever the collection is; all fit. */
export const sigmoidJudge =
  ({ logTemperature, bias }: LogitScalars): Judge =>
  async (nearest) =>
    nearest.map(({ score }) => ({
      probability: 1 / (1 + Math.exp(-(Math.exp(logTemperature) * score + bias))),
      fits: true,
    }));
