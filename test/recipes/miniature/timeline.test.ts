import { describe, expect, it } from 'vitest';
import { FULL } from '../../../recipes/miniature/settings.ts';
import { miniatureStages } from '../../../recipes/miniature/stages.ts';
import type { StartingModel } from '../../../recipes/miniature/start.ts';
import { miniatureTimeline, sigmoidTimeline, teacherTimeline } from '../../../recipes/miniature/timeline.ts';
import { float32 } from '../../../src/tensor/index.ts';
import { stageVision, type TrainState } from '../../../src/train/index.ts';
import { paperTimeline } from '../../../src/train/timeline/paper.ts';
import type { StageSpec } from '../../../src/train/timeline/timeline.ts';
import { tinySettings } from './tinySettings.ts';

const options = { vocabSize: 500, teacher: 'somewhere' };

/** What a stage is, without sizes: extent on the schedule, losses, kind of images, where from. */
const outline = ({ from, extent, losses, images, curation }: StageSpec) => ({
  root: from === undefined,
  extent: extent.kind === 'share' ? extent : extent.kind,
  losses,
  images: images.kind,
  curated: curation !== undefined,
});

describe('the miniature’s timeline', () => {
  it('has the stages of the paper’s', () => {
    const paper = paperTimeline('base').stages.map(outline);
    for (const spec of miniatureTimeline(FULL, options).stages.map(outline))
      expect(paper).toContainEqual(spec);
  });

  it('has a teacher that sees more, and reads the same inputs', () => {
    const [teacher, learner] = [teacherTimeline(FULL, 500), sigmoidTimeline(FULL, 500)];
    expect(teacher.stages[0].images).toEqual(learner.stages[0].images);
    expect(teacher.examples).toBeGreaterThan(learner.examples);
  });

  it('becomes stages whose first one starts with a bias that fits the batch, or as a model', () => {
    const timeline = sigmoidTimeline(tinySettings, 20);
    const never = () => {
      throw new Error('no batch is asked for');
    };
    const initialOf = (start?: StartingModel): TrainState => {
      const { training } = miniatureStages(timeline, { batchAt: never }, { seed: 0, start })[0];
      const initial = 'make' in training ? undefined : training.initial;
      return initial instanceof Map ? initial : new Map();
    };
    expect([...initialOf().keys()]).toEqual(['logit_bias']);
    const state: TrainState = new Map([['logit_scale', float32([1], [2])]]);
    const start = { state, vision: stageVision(timeline, timeline.stages[0]) };
    expect([...initialOf(start).keys()].sort()).toEqual(['logit_bias', 'logit_scale']);
    expect(initialOf(start).get('logit_bias')!.data[0]).toBeCloseTo(-Math.log(timeline.batch), 6);
  });
});
