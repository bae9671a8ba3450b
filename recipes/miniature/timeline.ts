import { DINO_COLOURS, SAME_COLOURS } from '../../src/data/augmentation/multiCrop.ts';
import type { TextConfig } from '../../src/model/config.ts';
import { paperSelfSupervision } from '../../src/train/losses/selfSupervision/settings.ts';
import { PAPER_OPTIMIZER } from '../../src/train/step/optimizer/config.ts';
import type {
  ExtraExtent,
  FixedImages,
  LossName,
  NaflexImages,
  StageSpec,
  Timeline,
} from '../../src/train/timeline/timeline.ts';
import type { MiniatureSettings } from './settings.ts';

const PRETRAINING: readonly LossName[] = ['sigmoid', 'locca'];
const ALL_LOSSES: readonly LossName[] = [...PRETRAINING, 'selfDistillation', 'maskedPrediction'];

/** DINO's head has 2,048 × 65,536; 144 things need no 65,536 prototypes. */
const HEAD = { layers: 3, hiddenSize: 256, bottleneckSize: 64, prototypes: 1024 };

const square = ({ patchSize }: MiniatureSettings, resolution: number): FixedImages => ({
  kind: 'fixed',
  resolution,
  patchSize,
});

/** Patches along a side of the square image. */
const gridOf = ({ resolution, patchSize }: MiniatureSettings): number => Math.floor(resolution / patchSize);

const naflex = (settings: MiniatureSettings, lengths: readonly number[]): NaflexImages => ({
  kind: 'naflex',
  patchSize: settings.patchSize,
  grid: gridOf(settings),
  lengths: lengths.map((length) => ({ length, batch: settings.batch })),
});

/** As many patches in every batch as the square image has. */
const naflexOneLength = (settings: MiniatureSettings): NaflexImages =>
  naflex(settings, [gridOf(settings) ** 2]);

/** The text tower; its vocabulary is that of the trimmed tokenizer. */
const textConfig = ({ text, vision }: MiniatureSettings, vocabSize: number): TextConfig => ({
  ...text,
  vocabSize,
  projectionSize: vision.hiddenSize,
});

function common(settings: MiniatureSettings, vocabSize: number): Omit<Timeline, 'name' | 'stages'> {
  const { vision, resolution, patchSize, batch, examples, warmupSteps, learningRate } = settings;
  const fixed = {
    ...vision,
    kind: 'fixed',
    imageSize: resolution,
    patchSize,
    channels: 3,
    useHead: true,
    numPatches: gridOf(settings) ** 2,
  } as const;
  const paper = paperSelfSupervision(fixed, 'base', HEAD);
  return {
    model: { vision, text: textConfig(settings, vocabSize) },
    examples,
    batch,
    warmupSteps,
    optimizer: { ...PAPER_OPTIMIZER, learningRate },
    locca: {
      decoder: settings.decoder,
      settings: { lossPositions: settings.lossPositions * batch },
    },
    selfSupervision: {
      ...paper,
      // Emoji are told apart by their colours: with DINO's changes of them the losses learn nothing (bench/RESULTS.md).
      viewColours: SAME_COLOURS,
      selfDistillation: { ...paper.selfDistillation, views: settings.localViews },
    },
  };
}

/** After the timeline, on the sigmoid loss alone. */
const extra = ({ curation: { examples, learningRate } }: MiniatureSettings): ExtraExtent => ({
  kind: 'extra',
  examples,
  learningRate,
  weightDecay: 0,
  warmupSteps: 0,
});

export interface MiniatureOptions {
  /** Pieces of the tokenizer. */
  readonly vocabSize: number;
  /** Directory of the curation's teacher. */
  readonly teacher: string;
  /** How much longer the NaFlex line is than its part of the schedule. Default 3.75, the paper's. */
  readonly naflexStretch?: number;
}

/**
 * The paper's timeline (§2, SPEC C.1) in miniature: to 80 % sigmoid and decoder; then also the self-supervised losses,
 * with forks of resolution at 95 %, and curation (ACID) after the one of the first resolution; from 90 % a NaFlex line
 * that never had the self-supervised losses.
 */
export function miniatureTimeline(settings: MiniatureSettings, options: MiniatureOptions): Timeline {
  const { resolution, forkResolution, lengths } = settings;
  const { vocabSize, teacher, naflexStretch = 3.75 } = options;
  const images = square(settings, resolution);
  const fork = (name: string, side: number): StageSpec => ({
    name,
    from: 'self-distillation',
    extent: { kind: 'share', start: 0.95, end: 1 },
    losses: ALL_LOSSES,
    images: square(settings, side),
  });
  return {
    name: 'miniature',
    ...common(settings, vocabSize),
    stages: [
      { name: 'pretraining', extent: { kind: 'share', start: 0, end: 0.8 }, losses: PRETRAINING, images },
      {
        name: 'self-distillation',
        from: 'pretraining',
        extent: { kind: 'share', start: 0.8, end: 0.95 },
        losses: ALL_LOSSES,
        images,
      },
      fork('first-resolution', resolution),
      fork('larger-resolution', forkResolution),
      {
        name: 'pretraining-to-90',
        from: 'pretraining',
        extent: { kind: 'share', start: 0.8, end: 0.9 },
        losses: PRETRAINING,
        images,
      },
      {
        name: 'naflex',
        from: 'pretraining-to-90',
        extent: { kind: 'share', start: 0.9, end: 1, stretch: naflexStretch },
        losses: PRETRAINING,
        images: naflex(settings, lengths),
      },
      {
        name: 'curation',
        from: 'first-resolution',
        extent: extra(settings),
        losses: ['sigmoid'],
        images,
        moments: 'reset',
        curation: { filterRatio: settings.curation.filterRatio, chunks: settings.curation.chunks, teacher },
      },
    ],
  };
}

/** A stage on the timeline's schedule, made longer as the settings say. */
const stretched = (spec: StageSpec, { tailStretch }: MiniatureSettings): StageSpec =>
  spec.extent.kind === 'share' ? { ...spec, extent: { ...spec.extent, stretch: tailStretch } } : spec;

/**
 * The timeline with what the ablation compares it to: the NaFlex line as long as the others and once more with one
 * sequence length, the decoder without the self-supervised losses to the end, and the steps after the timeline on
 * examples that are not chosen.
 */
export function ablationTimeline(settings: MiniatureSettings, options: MiniatureOptions): Timeline {
  const timeline = miniatureTimeline(settings, { naflexStretch: 1, ...options });
  const images = square(settings, settings.resolution);
  const [pretraining, ...tail] = timeline.stages;
  const last = { from: 'pretraining-to-90', extent: { kind: 'share', start: 0.9, end: 1 } } as const;
  return {
    ...timeline,
    name: 'ablation',
    stages: [
      pretraining,
      ...tail.map((spec) => stretched(spec, settings)),
      stretched({ name: 'pretraining-to-100', ...last, losses: PRETRAINING, images }, settings),
      stretched(
        {
          name: 'naflex-one-length',
          ...last,
          losses: PRETRAINING,
          images: naflexOneLength(settings),
        },
        settings,
      ),
      {
        name: 'continuation',
        from: 'first-resolution',
        extent: extra(settings),
        losses: ['sigmoid'],
        images,
        moments: 'reset',
      },
    ],
  };
}

/** One stage from 0 to 100 %, of the same name. */
const throughout = (
  name: string,
  settings: MiniatureSettings,
  vocabSize: number,
  spec: Pick<StageSpec, 'losses' | 'images'>,
): Timeline => ({
  name,
  ...common(settings, vocabSize),
  stages: [{ name, extent: { kind: 'share', start: 0, end: 1 }, ...spec }],
});

/** The sigmoid loss alone, on the same examples. */
export const sigmoidTimeline = (settings: MiniatureSettings, vocabSize: number): Timeline =>
  throughout('sigmoid', settings, vocabSize, {
    losses: ['sigmoid'],
    images: square(settings, settings.resolution),
  });

/** The self-supervised losses from the first update on, where the paper adds them at 80 %. */
const selfSupervisionThroughout = (
  settings: MiniatureSettings,
  vocabSize: number,
  name = 'self-supervision-throughout',
): Timeline =>
  throughout(name, settings, vocabSize, {
    losses: ALL_LOSSES,
    images: square(settings, settings.resolution),
  });

/** The same on views whose colours change as DINO's do. */
function selfSupervisionDinoColours(settings: MiniatureSettings, vocabSize: number): Timeline {
  const timeline = selfSupervisionThroughout(settings, vocabSize, 'self-supervision-dino-colours');
  return { ...timeline, selfSupervision: { ...timeline.selfSupervision, viewColours: DINO_COLOURS } };
}

/** Native aspect ratios from the first update on, where the paper forks at 90 %. */
const naflexThroughout = (settings: MiniatureSettings, vocabSize: number): Timeline =>
  throughout('naflex-throughout', settings, vocabSize, {
    losses: PRETRAINING,
    images: naflex(settings, settings.lengths),
  });

/** The same at one length: shorter sequences show less. */
const naflexOneLengthThroughout = (settings: MiniatureSettings, vocabSize: number): Timeline =>
  throughout('naflex-one-length-throughout', settings, vocabSize, {
    losses: PRETRAINING,
    images: naflexOneLength(settings),
  });

/** The timelines that variants end in (see variants.ts). */
export const timelinesOf = (settings: MiniatureSettings, options: MiniatureOptions) => ({
  sigmoid: sigmoidTimeline(settings, options.vocabSize),
  ablation: ablationTimeline(settings, options),
  selfSupervisionThroughout: selfSupervisionThroughout(settings, options.vocabSize),
  selfSupervisionDinoColours: selfSupervisionDinoColours(settings, options.vocabSize),
  naflexThroughout: naflexThroughout(settings, options.vocabSize),
  naflexOneLengthThroughout: naflexOneLengthThroughout(settings, options.vocabSize),
});
export type TimelineName = keyof ReturnType<typeof timelinesOf>;

/** The curation's teacher: by the sigmoid loss alone, on more examples. */
export function teacherTimeline(settings: MiniatureSettings, vocabSize: number): Timeline {
  const { teacher: vision, teacherExamples: examples } = settings.curation;
  const timeline = sigmoidTimeline({ ...settings, vision, examples }, vocabSize);
  return { ...timeline, name: 'teacher', stages: [{ ...timeline.stages[0], name: 'teacher' }] };
}
