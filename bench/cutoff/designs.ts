import { FITS } from '../../src/search/cutoff/coefficients.ts';
import { fitLogistic, type Observation } from './logistic.ts';
import type { Answer, Shown } from './shown.ts';

/** A way to tell which pictures fit. */
export interface Design {
  readonly name: string;
  /** What it looks at; none where it has nothing to fit. */
  readonly inputs: (shown: Shown) => readonly number[];
  /** A part of the logit that is not fitted. */
  readonly offset?: (shown: Shown) => number;
  /** It is not fitted: constant, then coefficients. */
  readonly fixed?: readonly number[];
}

/** A design with its coefficients. */
export interface Judged {
  readonly name: string;
  readonly coefficients: readonly number[];
  probability(shown: Shown): number;
  fits(shown: Shown): boolean;
}

const evaluate = ({ inputs, offset }: Design, coefficients: readonly number[], shown: Shown): number => {
  const logit = inputs(shown).reduce((sum, value, i) => sum + value * coefficients[i + 1]!, coefficients[0]!);
  return 1 / (1 + Math.exp(-(logit + (offset?.(shown) ?? 0))));
};

/** Fits a design: present and absent queries of a world count the same, and so does each picture that a query shows. */
export function fitDesign(design: Design, answers: readonly Answer[]): Judged {
  const observations = answers.flatMap(({ shown, weight }) =>
    shown.map(
      (one): Observation => ({
        inputs: design.inputs(one),
        offset: design.offset?.(one) ?? 0,
        weight: (1000 * weight) / shown.length,
        so: one.fits,
      }),
    ),
  );
  const coefficients = design.fixed ?? fitLogistic(observations);
  const probability = (shown: Shown) => evaluate(design, coefficients, shown);
  return { name: design.name, coefficients, probability, fits: (shown) => probability(shown) >= FITS };
}

/** The sigmoid head's own probability, cut off where it is. */
export const flatAt = (threshold: number): Judged => {
  const { probability } = fitDesign(SIGMOID, []);
  const name =
    threshold === 0.5
      ? 'sigmoid, cut off at 50 %'
      : `sigmoid, cut off at ${+(100 * threshold).toPrecision(2)} %`;
  return { name, coefficients: [0, 1], probability, fits: (shown) => probability(shown) >= threshold };
};

const SIGMOID: Design = { name: 'sigmoid', inputs: ({ logit }) => [logit], fixed: [0, 1] };

const noFalseHits = ({ text }: Shown): number => -Math.log1p(text.falseHits);

/** The last is the one of the package. */
export const TEXT_DESIGNS: readonly Design[] = [
  { name: 'logit, refitted', inputs: ({ logit }) => [logit] },
  { name: 'logit, log n', inputs: ({ logit, text }) => [logit, text.logCount] },
  {
    name: 'z over collection, z over common, log n',
    inputs: ({ overCollection, overCommon, text }) => [overCollection, overCommon, text.logCount],
  },
  { name: 'expected false hits', inputs: ({ text }) => [Math.log10(text.falseHits + 1e-30)] },
  {
    name: 'lift, vagueness, log n',
    inputs: ({ text }) => [text.lift, text.vagueness, text.logCount],
  },
  {
    name: 'lift, vagueness, log n; false hits',
    inputs: ({ text }) => [text.lift, text.vagueness, text.logCount],
    offset: noFalseHits,
  },
];

export const IMAGE_DESIGNS: readonly Design[] = [
  { name: 'logit, refitted', inputs: ({ logit }) => [logit] },
  { name: 'height, log n', inputs: ({ image }) => [image.height, image.logCount] },
];
