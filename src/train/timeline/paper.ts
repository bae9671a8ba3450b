import { type SizeName, VARIANTS, type Variant, variantConfig } from '../../model/variants.ts';
import { ACID_EXAMPLES, ACID_FILTER_RATIO, ACID_OPTIMIZER, CURATION_DEFAULTS } from '../curation/settings.ts';
import { paperSelfSupervision } from '../losses/selfSupervision/settings.ts';
import { PAPER_OPTIMIZER } from '../step/optimizer/config.ts';
import type { ExtraExtent, LossName, NaflexImages, StageSpec, Timeline } from './timeline.ts';

const BATCH = 32_768;

const PRETRAINING: readonly LossName[] = ['sigmoid', 'locca'];
const ALL_LOSSES: readonly LossName[] = [...PRETRAINING, 'selfDistillation', 'maskedPrediction'];

/** All sizes are pre-trained at 256², patch 16 (§2.2). */
const SQUARE_256 = { kind: 'fixed', resolution: 256, patchSize: 16 } as const;

/** The towers of a size, and the settings of its self-supervised losses. */
function modelOf(size: SizeName): Pick<Timeline, 'model' | 'selfSupervision'> {
  const { vision, text } = variantConfig(`google/siglip2-${size}-patch16-256`);
  if (vision.kind !== 'fixed') throw new Error('the pre-trained model has one resolution');
  const { hiddenSize, intermediateSize, layers, heads, layerNormEps } = vision;
  return {
    model: { vision: { hiddenSize, intermediateSize, layers, heads, layerNormEps }, text },
    selfSupervision: paperSelfSupervision(vision, size),
  };
}

/** §2.4.2. Batches of 1024 patches are halved, with twice as many steps, so that they fit into memory. */
export const PAPER_NAFLEX: NaflexImages = {
  kind: 'naflex',
  patchSize: 16,
  grid: 16,
  lengths: [128, 256, 576, 784, 1024].map((length) => ({
    length,
    batch: length === 1024 ? BATCH / 2 : BATCH,
  })),
};

/** §2.5. The shape of its schedule is not published: cosine to zero without warm-up. */
const CURATION: ExtraExtent = {
  kind: 'extra',
  examples: ACID_EXAMPLES,
  learningRate: ACID_OPTIMIZER.learningRate,
  weightDecay: ACID_OPTIMIZER.weightDecay,
  warmupSteps: 0,
};

const PRETRAINING_STAGE: StageSpec = {
  name: 'pretraining',
  extent: { kind: 'share', start: 0, end: 0.8 },
  losses: PRETRAINING,
  images: SQUARE_256,
};

const SELF_DISTILLATION_STAGE: StageSpec = {
  name: 'self-distillation',
  from: 'pretraining',
  extent: { kind: 'share', start: 0.8, end: 0.95 },
  losses: ALL_LOSSES,
  images: SQUARE_256,
};

/** The NaFlex line: on without the self-supervised losses to 90 %, then the rest stretched to 3.75 times. */
const naflexLine = (release: string): readonly StageSpec[] => [
  {
    name: 'pretraining-to-90',
    from: 'pretraining',
    extent: { kind: 'share', start: 0.8, end: 0.9 },
    losses: PRETRAINING,
    images: SQUARE_256,
  },
  {
    name: 'naflex',
    from: 'pretraining-to-90',
    extent: { kind: 'share', start: 0.9, end: 1, stretch: 3.75 },
    losses: PRETRAINING,
    images: PAPER_NAFLEX,
    release,
  },
];

const labelOf = ({ patchSize, resolution }: Variant): string => `patch${patchSize}-${resolution}`;

/** The last 5 %, at a target resolution with all losses (§2.4.1). */
function resolutionFork(variant: Variant, resolution: number): StageSpec {
  return {
    name: labelOf(variant),
    from: 'self-distillation',
    extent: { kind: 'share', start: 0.95, end: 1 },
    losses: ALL_LOSSES,
    images: { kind: 'fixed', resolution, patchSize: variant.patchSize },
    release: variant.name,
  };
}

/** B/32 drops more: its super-batch is four batches, B/16's is two (§2.5). */
const curated = (fork: StageSpec, patchSize: number): StageSpec => ({
  name: `${fork.name}-curation`,
  from: fork.name,
  extent: CURATION,
  losses: ['sigmoid'],
  images: fork.images,
  // A fine-tune of finished weights in big_vision loads parameters, not moments; the paper does not say.
  moments: 'reset',
  curation: {
    filterRatio: ACID_FILTER_RATIO[patchSize === 32 ? 'B/32' : 'B/16'],
    chunks: CURATION_DEFAULTS.chunks,
    teacher: 'google/siglip2-so400m-patch16-256',
  },
  ...(fork.release !== undefined && { release: fork.release }),
});

/** A size's checkpoint of one resolution: the fork and, for the smallest models, the curation that follows. */
function forkStages(variant: Variant): readonly StageSpec[] {
  if (variant.resolution === 'naflex') return naflexLine(variant.name);
  const fork = resolutionFork(variant, variant.resolution);
  if (variant.size !== 'base') return [fork];
  // What is released is the curated model.
  const { release: _, ...plain } = fork;
  return [plain, curated(fork, variant.patchSize)];
}

/**
 * The training of all released checkpoints of one size (paper §2). How B/32 is made from the run with patches of
 * 16 is not published: here it forks at 95 % like the others, its kernel resized.
 * @example stageSchedules(paperTimeline('base'))
 */
export const paperTimeline = (size: SizeName): Timeline => ({
  name: `siglip2-${size}`,
  ...modelOf(size),
  examples: 40e9,
  batch: BATCH,
  warmupSteps: 20_000,
  optimizer: PAPER_OPTIMIZER,
  stages: [
    PRETRAINING_STAGE,
    SELF_DISTILLATION_STAGE,
    ...VARIANTS.filter((variant) => variant.size === size).flatMap(forkStages),
  ],
});
