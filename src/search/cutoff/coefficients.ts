/**
 * Coefficients of two logistic regressions, fitted by `npx tsx bench/cutoff/cutoff.ts`, which prints them, on emoji of one
 * third of the families in eight languages (drawn in the style that the embedded model did not learn from, and in three
 * that it did), on words without a picture, and on twelve made-up models; for images on emoji alone. Present and absent
 * queries counted the same.
 *
 * What is known: on other emoji, in other languages and collections, probabilities are right within 0.7 to 2 % on average
 * (expected calibration error of the ten best pictures). Not known: how right they are for a released checkpoint, which
 * was not at hand. What goes in is in units that such models have in common, and a made-up model with a released one's
 * temperature gave errors of 4 to 7 %; but one whose scores of wrong pictures are spread much wider finds too much, and
 * one whose right pictures stand out by few logits too little. In a folder of one thing, too few of the pictures fit.
 */

/** By what goes in, and a constant. */
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

export const TEXT: TextCoefficients = {
  constant: -2.361,
  lift: 0.67,
  vagueness: -0.458,
  logCount: -0.564,
};

export const IMAGE: ImageCoefficients = { constant: -1.11, height: 0.982, logCount: -0.855 };

/**
 * The least probability of a picture that fits. Below one half, since a right picture that is withheld costs more than a
 * wrong one that is shown with its probability: on emoji, half withholds four in ten right ones, this three in ten.
 */
export const FITS = 0.4;
