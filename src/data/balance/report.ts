import { type BalanceSettings, tolerancesOf } from './balancer.ts';
import { type BalanceExample, type BalanceSchema, momentsOf } from './example.ts';

/** One gap of a data set, before and after it was weighted. */
export interface BalanceRow {
  readonly kind: 'representation' | 'association';
  readonly attribute: string;
  /** With which label the attribute goes together; none for a representation. */
  readonly label?: string;
  /** The attribute's target rate π. */
  readonly target: number;
  /** E[s − π], or E[(s − π)y]. */
  readonly before: number;
  /** E[q(s − π)], or E[q(s − π)y]. */
  readonly after: number;
  /** The gap that was allowed. */
  readonly tolerance: number;
  /** Rate of the attribute among the examples that show it (and have the label); undefined when none does. */
  readonly rateBefore: number | undefined;
  readonly rateAfter: number | undefined;
}

export interface BalanceReport {
  readonly examples: number;
  /** Mean keep-probability, 0 … 1. */
  readonly kept: number;
  readonly rows: readonly BalanceRow[];
}

/** Gathers a report while examples stream by. */
export interface BalanceRecorder {
  add(example: BalanceExample, keep: number): void;
  report(): BalanceReport;
}

/** Sums over one set of examples, one entry a moment. */
interface Sums {
  readonly moments: Float64Array;
  /** Examples that show the attribute (with the label). */
  readonly shown: Float64Array;
  /** … and have it. */
  readonly present: Float64Array;
}

const emptySums = (length: number): Sums => ({
  moments: new Float64Array(length),
  shown: new Float64Array(length),
  present: new Float64Array(length),
});

export function createRecorder(schema: BalanceSchema, settings: BalanceSettings): BalanceRecorder {
  const [m, c] = [schema.attributes.length, schema.labels.length];
  const tolerances = tolerancesOf(schema, settings);
  const [before, after] = [emptySums(tolerances.length), emptySums(tolerances.length)];
  let examples = 0;
  let kept = 0;

  function addTo(sums: Sums, example: BalanceExample, moments: Float64Array, weight: number): void {
    example.attributes.forEach((value, k) => {
      if (value === undefined || value === null) return;
      for (let r = -1; r < c; r++) {
        const j = r < 0 ? k : m + k * c + r;
        const labelled = weight * (r < 0 ? 1 : example.labels[r]!);
        sums.moments[j]! += weight * moments[j]!;
        sums.shown[j]! += labelled;
        sums.present[j]! += labelled * value;
      }
    });
  }

  const rate = (sums: Sums, j: number) =>
    sums.shown[j]! > 0 ? sums.present[j]! / sums.shown[j]! : undefined;
  const row = (j: number, k: number, label?: string): BalanceRow => ({
    kind: label === undefined ? 'representation' : 'association',
    attribute: schema.attributes[k]!.name,
    ...(label !== undefined && { label }),
    target: schema.attributes[k]!.target,
    before: before.moments[j]! / Math.max(examples, 1),
    after: after.moments[j]! / Math.max(examples, 1),
    tolerance: tolerances[j]!,
    rateBefore: rate(before, j),
    rateAfter: rate(after, j),
  });

  return {
    add(example, keep) {
      const moments = momentsOf(schema, example);
      examples++;
      kept += keep;
      addTo(before, example, moments, 1);
      addTo(after, example, moments, keep);
    },
    report: () => ({
      examples,
      kept: examples > 0 ? kept / examples : 1,
      rows: [
        ...schema.attributes.map((_, k) => row(k, k)),
        ...schema.attributes.flatMap((_, k) => schema.labels.map((label, r) => row(m + k * c + r, k, label))),
      ],
    }),
  };
}
