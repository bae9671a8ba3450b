import type { z } from 'zod';
import {
  atLeastZero,
  callback,
  check,
  consistent,
  eitherBy,
  listOf,
  optional,
  settings,
  text,
} from '../../../tensor/settings.ts';
import { adamKind } from './adam.ts';
import { clipKind } from './clip.ts';
import { configSchema, type OptimizerConfig } from './config.ts';
import { decayKind, isKernel } from './decay.ts';
import { isHiddenMatrix, muonKind } from './muon.ts';
import { scaleBySchedule } from './schedule.ts';
import { type Transform, transformSchema } from './transform.ts';

/** How some parameters are moved: what comes out of the chain is subtracted from the parameter. */
export interface Rule {
  readonly name: string;
  /** Whether a parameter of this name is moved by this rule, if no rule before it does. */
  readonly matches: (path: string) => boolean;
  /** From the gradient to the update, in order. No two keep the same moment. */
  readonly chain: readonly Transform[];
}

/** What a stage of a timeline may have of its own, as the paper's curation does (§2.5). */
export type Retuning = Pick<OptimizerConfig, 'learningRate' | 'weightDecay'>;

/**
 * How the parameters of a model are moved: a table of path → rule, of which the first that matches counts.
 * @example
 * const optimizer: Optimizer = {
 *   learningRate: 1e-3,
 *   rules: [
 *     { name: 'scalars', matches: (path) => path.startsWith('logit_'), chain: [signDescent, scaleBySchedule()] },
 *     ...optimizerRules(PAPER_OPTIMIZER),
 *   ],
 * };
 */
export interface Optimizer {
  /** What the log and the progress line show, times the schedule. What parameters move by stands in the transforms. */
  readonly learningRate: number;
  readonly rules: readonly Rule[];
  /** The same with another rate and decay. Only timelines with stages that have their own ask for it. */
  readonly retuned?: (retuning: Retuning) => Optimizer;
}

/** An optimizer's rules, or the settings of {@link optimizerRules}. */
export type AnyOptimizer = OptimizerConfig | Optimizer;

/**
 * An optimizer with another learning rate and decay.
 * @throws RangeError when it does not say how it takes them
 */
export function retuned(optimizer: AnyOptimizer, retuning: Retuning): AnyOptimizer {
  if (!('rules' in optimizer)) return { ...optimizer, ...retuning };
  if (!optimizer.retuned) throw new RangeError(NOT_RETUNED);
  return optimizer.retuned(retuning);
}

/** Whether {@link retuned} can give another. */
export const canRetune = (optimizer: AnyOptimizer): boolean =>
  !('rules' in optimizer) || optimizer.retuned !== undefined;

export const NOT_RETUNED =
  'it has a learning rate and a decay of its own, which the optimizer does not take: give its rules a function `retuned`';

/** Moments that two transforms of a chain keep under one name. */
const sharedMoments = ({ chain }: Rule): string[] =>
  chain.flatMap(({ moments = [] }) => moments).filter((moment, i, all) => all.indexOf(moment) < i);

const ruleSchema = consistent<Rule>(
  settings<Rule>({ name: text, matches: callback(), chain: listOf(transformSchema, 1) }),
  (rule) => {
    const [shared] = sharedMoments(rule);
    return shared && `two of its transforms keep ${shared}; leave one of them out`;
  },
);

export const optimizerSchema: z.ZodType<AnyOptimizer> = eitherBy<Optimizer, OptimizerConfig>(
  'rules',
  settings<Optimizer>({
    learningRate: atLeastZero,
    rules: listOf(ruleSchema, 1),
    retuned: optional(callback()),
  }),
  configSchema,
);

/** @throws Error when no rule matches */
export function ruleFor(path: string, rules: readonly Rule[]): Rule {
  const rule = rules.find(({ matches }) => matches(path));
  if (!rule)
    throw new Error(`no rule of the optimizer matches ${path}: end with one that matches every name`);
  return rule;
}

/**
 * The rules of {@link OptimizerConfig}: w −= schedule·(lr·direction(clip(g)) + λw), the decay on kernels alone. Whatever
 * Muon moves is a kernel.
 * @throws RangeError naming a setting that is wrong
 * @example
 * for (const { name, chain } of optimizerRules(PAPER_OPTIMIZER)) console.log(name, chain.length);
 */
export function optimizerRules(config: OptimizerConfig): readonly Rule[] {
  check('optimizer', configSchema, config);
  return rulesOf(config);
}

/** The rules of an optimizer whose settings were checked. */
export function rulesOf(optimizer: AnyOptimizer): readonly Rule[] {
  if ('rules' in optimizer) return optimizer.rules;
  const { learningRate, beta1, beta2, epsilon, clipNorm, weightDecay, muon } = optimizer;
  const direction = adamKind.make({ learningRate, beta1, beta2, epsilon });
  const [clip, schedule] = [clipKind.make(clipNorm), scaleBySchedule()];
  const decay = weightDecay > 0 ? [decayKind.make(weightDecay)] : [];
  const kernels = (mover: Transform) => [clip, mover, ...decay, schedule];
  return [
    ...(muon
      ? [{ name: 'hidden matrices', matches: isHiddenMatrix, chain: kernels(muonKind.make(muon)) }]
      : []),
    { name: 'kernels', matches: isKernel, chain: kernels(direction) },
    { name: 'the rest', matches: () => true, chain: [clip, direction, schedule] },
  ];
}
