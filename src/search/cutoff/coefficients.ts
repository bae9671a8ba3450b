/** A logistic regression's constants. */
export interface TextCoefficients {
  readonly constant: number;
  /** By logits that the sigmoid head gives more than to common queries of the same picture. */
  readonly lift: number;
  /** By how much more the query scores over the collection than common queries do, in their spreads. */
  readonly vagueness: number;
  /** By the natural logarithm of the number of pictures. */
  readonly logCount: number;
}

export interface ImageCoefficients {
  readonly constant: number;
  /** By the score above the background of query and picture over the collection, in spreads. */
  readonly height: number;
  readonly logCount: number;
}

export const TEXT: TextCoefficients = { constant: -2.02, lift: 0.83, vagueness: -0.79, logCount: -0.7 };

export const IMAGE: ImageCoefficients = { constant: -3, height: 1.5, logCount: -0.5 };
