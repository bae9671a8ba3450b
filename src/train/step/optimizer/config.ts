import { atLeastZero, optional, positive, settings } from '../../../tensor/settings.ts';
import { type AdamConfig, adamRules } from './adam.ts';
import { type MuonConfig, muonSchema } from './muon.ts';

/**
 * Adam with decoupled weight decay and clipping by the global norm: the paper's optimizer (§2.1), in the order of
 * big_vision's chain (`big_vision/optax.py`).
 */
export interface OptimizerConfig extends AdamConfig {
  /** Multiplied by the schedule but not by the learning rate; on kernels only. */
  readonly weightDecay: number;
  /** Largest norm of all gradients together; larger ones are scaled down to it. */
  readonly clipNorm: number;
  /** Where given, the matrices within blocks are moved by Muon instead of Adam, with the same clipping and decay. */
  readonly muon?: MuonConfig;
}

export const configSchema = settings<OptimizerConfig>({
  ...adamRules,
  weightDecay: atLeastZero,
  clipNorm: positive,
  muon: optional(muonSchema),
});

/** The paper's values (§2.1), with β and ε as {@link AdamConfig} says. */
export const PAPER_OPTIMIZER: OptimizerConfig = {
  learningRate: 1e-3,
  weightDecay: 1e-4,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  clipNorm: 1,
};
