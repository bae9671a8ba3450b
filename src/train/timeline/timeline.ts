import type { TextConfig, TowerConfig } from '../../model/config.ts';
import type { LoccaDecoderConfig } from '../../model/locca/config.ts';
import type { CurationSettings } from '../curation/settings.ts';
import type { LoccaSettings } from '../losses/locca/locca.ts';
import type { SelfSupervisionSettings } from '../losses/selfSupervision/settings.ts';
import type { AnyOptimizer } from '../step/optimizer/rules.ts';

/**
 * The paper's losses: `sigmoid` (§2.1), `locca`, the decoder's (§2.2), `selfDistillation` from local to global views
 * and `maskedPrediction` of patches (§2.3); and the name of any other that is registered (`registerLoss`).
 */
export type LossName =
  | 'sigmoid'
  | 'locca'
  | 'selfDistillation'
  | 'maskedPrediction'
  | (string & Record<never, never>);

/** Square images of one resolution. */
export interface FixedImages {
  readonly kind: 'fixed';
  /** Side in pixels. */
  readonly resolution: number;
  readonly patchSize: number;
}

/** Images at their aspect ratio, all of a batch in sequences of one length. */
export interface NaflexImages {
  readonly kind: 'naflex';
  readonly patchSize: number;
  /** Side of the learned grid of position embeddings. */
  readonly grid: number;
  /**
   * One is drawn for each batch, all equally likely. A length whose `batch` is 1/n of the timeline's makes n updates of
   * the drawn batch (n whole).
   */
  readonly lengths: readonly { readonly length: number; readonly batch: number }[];
}

/** A part of the timeline's schedule, as shares of its examples: `start: 0.8, end: 1` is the last fifth. */
export interface SharedExtent {
  readonly kind: 'share';
  /** 0 … 1. */
  readonly start: number;
  readonly end: number;
  /** Runs the part so many times longer: more examples, at the same learning rates. Default 1. */
  readonly stretch?: number;
}

/** Training after the timeline, with a schedule of its own. */
export interface ExtraExtent {
  readonly kind: 'extra';
  readonly examples: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmupSteps: number;
}

/** Choosing the examples by a teacher (active data curation, ACID, §2.5). */
export type StageCuration = Pick<CurationSettings, 'filterRatio' | 'chunks'> & {
  /** The model that scores examples beside the one that learns: a name on the hub, or a folder. */
  readonly teacher: string;
};

/**
 * What Adam's moments do where a stage begins: `keep` (those of resized parameters are resized), `resetResized` (those
 * of resized parameters start at zero) or `reset` (all start at zero, and bias correction anew).
 */
export type MomentsAtFork = 'keep' | 'resetResized' | 'reset';

/** One part of a run: its losses and its images do not change. */
export interface StageSpec {
  readonly name: string;
  /** The stage whose end it continues. Only the first has none. */
  readonly from?: string;
  readonly extent: SharedExtent | ExtraExtent;
  readonly losses: readonly LossName[];
  readonly images: FixedImages | NaflexImages;
  /** The paper says "resume" (§2.4.1), so the default is `keep`. */
  readonly moments?: MomentsAtFork;
  readonly curation?: StageCuration;
  /** The name of the released checkpoint that this stage ends in. */
  readonly release?: string;
}

/** A whole training run as data: what is trained, for how long, and where it forks. */
export interface Timeline {
  readonly name: string;
  /** What is trained; resolution and patch size are the stages'. */
  readonly model: { readonly vision: TowerConfig; readonly text: TextConfig };
  /** Examples from 0 to 100 % of the schedule, without forks and stretches. */
  readonly examples: number;
  /** Examples of one update, and the width of a step of the schedule. */
  readonly batch: number;
  readonly warmupSteps: number;
  readonly optimizer: AnyOptimizer;
  /** What differs from the paper's decoder and its loss. Default: nothing. */
  readonly locca?: {
    readonly decoder?: Partial<LoccaDecoderConfig>;
    readonly settings?: LoccaSettings;
  };
  /** Settings of the two self-supervised losses. Their local views' size is that of the first stage's resolution. */
  readonly selfSupervision: SelfSupervisionSettings;
  /**
   * Settings of losses by their names: of any loss `weight`, its factor in the sum; of a loss of your own also what its
   * schema knows (`settingsFor` types it). The paper's losses have the fields above for the rest. Defaults hold for every
   * other loss.
   */
  readonly lossSettings?: Readonly<Record<string, object>>;
  /** Each after the one it continues. */
  readonly stages: readonly [StageSpec, ...StageSpec[]];
}
