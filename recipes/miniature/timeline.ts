/** The miniature as data: the paper's timeline at its size, and the timeline of the curation's teacher. */
import type { StageSpec, Timeline } from '../../src/train/index.ts';
import { ALL_LOSSES, common, extra, naflex, PRETRAINING, square, throughout } from './parts.ts';
import type { MiniatureSettings } from './settings.ts';

export interface MiniatureOptions {
  /** Pieces of the tokenizer. */
  readonly vocabSize: number;
  /** Directory of the curation's teacher. */
  readonly teacher: string;
  /** How much longer the NaFlex line is than its part of the schedule. Default 3.75, the paper's. */
  readonly naflexStretch?: number;
}

/**
 * The paper's timeline (§2.2 to §2.5) in miniature: to 80 % sigmoid and decoder; then also the self-supervised losses,
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

/** The sigmoid loss alone, on the same examples. */
export const sigmoidTimeline = (settings: MiniatureSettings, vocabSize: number): Timeline =>
  throughout('sigmoid', settings, vocabSize, {
    losses: ['sigmoid'],
    images: square(settings, settings.resolution),
  });

/** The curation's teacher: by the sigmoid loss alone, on more examples. */
export function teacherTimeline(settings: MiniatureSettings, vocabSize: number): Timeline {
  const { teacher: vision, teacherExamples: examples } = settings.curation;
  const timeline = sigmoidTimeline({ ...settings, vision, examples }, vocabSize);
  return { ...timeline, name: 'teacher', stages: [{ ...timeline.stages[0], name: 'teacher' }] };
}
