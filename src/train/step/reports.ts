import type { Buffers } from './state/buffers.ts';

/** What a training step computes besides new parameters. */
export interface StepResult {
  readonly loss: number;
  /** Named scalars that the objective reports, e.g. the parts of the loss. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Norm of all gradients before clipping. */
  readonly gradientNorm: number;
}

/** The reported scalars: `loss`, `gradient_norm` and metrics. */
export function readReports(reports: Buffers): StepResult {
  const values = Object.entries(reports).map(([name, { data }]) => [name, data[0]!] as const);
  const { loss, gradient_norm, ...metrics } = Object.fromEntries(values);
  return { loss: loss!, gradientNorm: gradient_norm!, metrics };
}
