import {
  ALL_LOSSES,
  extra,
  gridOf,
  naflex,
  PRETRAINING,
  square,
  throughout,
} from '../../recipes/miniature/parts.ts';
import type { MiniatureSettings } from '../../recipes/miniature/settings.ts';
import {
  type MiniatureOptions,
  miniatureTimeline,
  sigmoidTimeline,
} from '../../recipes/miniature/timeline.ts';
import { DINO_COLOURS } from '../../src/data/augmentation/multiCrop.ts';
import type { NaflexImages, StageSpec, Timeline } from '../../src/train/timeline/timeline.ts';

/** As many patches in every batch as the square image has. */
const naflexOneLength = (settings: MiniatureSettings): NaflexImages =>
  naflex(settings, [gridOf(settings) ** 2]);

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
