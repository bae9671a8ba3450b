import { atLeastZero, check, positive, settings as settingsOf } from '../../tensor/settings.ts';
import { type BalanceExample, type BalanceSchema, checkExample, checkSchema, momentsOf } from './example.ts';

export interface BalanceSettings {
  /**
   * Largest gap in representation, |E[q(s − π)]| ≤ ε. The paper gives no value (about 10 % is removed, docs/paper.md says);
   * 0.01 is a guess.
   */
  readonly representationTolerance: number;
  /** Largest gap in association, |E[q(s − π)y]| ≤ ε. A guess too; labels are rare, so it is smaller. */
  readonly associationTolerance: number;
  /** Step of the dual variables. Larger adapts sooner and wavers more. A guess. */
  readonly stepSize: number;
  /**
   * Price of a gap beyond its tolerance: the largest dual variable. From 2 on the examples of a side can all go; a
   * small one trades balance for data. A guess.
   */
  readonly penalty: number;
}

export const BALANCE_DEFAULTS: BalanceSettings = {
  representationTolerance: 0.01,
  associationTolerance: 0.002,
  stepSize: 0.1,
  penalty: 10,
};

const settingsSchema = settingsOf<BalanceSettings>({
  representationTolerance: atLeastZero,
  associationTolerance: atLeastZero,
  stepSize: positive,
  penalty: atLeastZero,
});

/** Weighs examples one after the other. */
export interface Balancer {
  /**
   * The probability with which to keep the example, q in [0, 1]. It moves the dual variables.
   * @throws RangeError naming the example by its number, and what of it is no value; it then moves nothing
   */
  next(example: BalanceExample): number;
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/**
 * Data balancing by moment matching (M4 of "CLIP the Bias?", arXiv 2403.04547, which the paper's data filter cites;
 * “CLIP the Bias?”, arXiv 2403.04547) in one streaming pass.
 *
 * The problem: min ½E[(1 − q)²] + V·Σⱼ max(0, |E[q·aⱼ]| − εⱼ) over q in [0, 1], with the moments a of `momentsOf`.
 * Since V·max(0, |z| − ε) is the maximum of (v⁺ − v⁻)z − ε(v⁺ + v⁻) over v⁺, v⁻ in [0, V], the best q of an
 * example for given dual variables is clip(1 − (v⁺ − v⁻)·a, 0, 1), and an example's own stochastic gradient moves v⁺ by
 * ±q·a − ε. After T examples every mean of q·a is within ε + v/(stepSize·T), so the first examples are made up for.
 *
 * Two things of the original are left out: a target for the share kept (here as much as possible is kept), and the
 * examples' utility (here all are worth the same).
 * @throws RangeError naming the part of the schema or the setting that makes no sense
 * @example
 * const balancer = createBalancer({ attributes: [{ name: 'indoors', target: 0.5 }], labels: ['cook'] });
 */
export function createBalancer(
  schema: BalanceSchema,
  settings: BalanceSettings = BALANCE_DEFAULTS,
): Balancer {
  checkSchema(schema);
  check('settings', settingsSchema, settings);
  const { stepSize, penalty } = settings;
  const tolerances = tolerancesOf(schema, settings);
  const above = new Float64Array(tolerances.length);
  const below = new Float64Array(tolerances.length);
  let count = 0;
  return {
    next(example) {
      checkExample(schema, example, `example ${count}`);
      count++;
      const moments = momentsOf(schema, example);
      let price = 0;
      for (let j = 0; j < moments.length; j++) price += (above[j]! - below[j]!) * moments[j]!;
      const keep = clamp(1 - price, 0, 1);
      for (let j = 0; j < moments.length; j++) {
        const [moment, tolerance] = [keep * moments[j]!, tolerances[j]!];
        above[j] = clamp(above[j]! + stepSize * (moment - tolerance), 0, penalty);
        below[j] = clamp(below[j]! + stepSize * (-moment - tolerance), 0, penalty);
      }
      return keep;
    },
  };
}

/** ε of every moment, in the order of `momentsOf`. */
export function tolerancesOf(schema: BalanceSchema, settings: BalanceSettings): Float64Array {
  const [m, c] = [schema.attributes.length, schema.labels.length];
  return Float64Array.from({ length: m * (c + 1) }, (_, j) =>
    j < m ? settings.representationTolerance : settings.associationTolerance,
  );
}
