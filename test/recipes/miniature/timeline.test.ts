import { describe, expect, it } from 'vitest';
import { lineOf } from '../../../recipes/miniature/plan.ts';
import { BUDGETS, FULL } from '../../../recipes/miniature/settings.ts';
import {
  ablationTimeline,
  miniatureTimeline,
  sigmoidTimeline,
  teacherTimeline,
  timelinesOf,
} from '../../../recipes/miniature/timeline.ts';
import { DEFAULT_VARIANTS, VARIANTS, variantsNamed } from '../../../recipes/miniature/variants.ts';
import { paperTimeline } from '../../../src/train/timeline/paper.ts';
import { stageSchedules } from '../../../src/train/timeline/stageSchedule.ts';
import type { StageSpec } from '../../../src/train/timeline/timeline.ts';

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

  it('fits at every budget: the shares add up, and every stage has updates to measure its rate by', () => {
    for (const settings of Object.values(BUDGETS)) {
      const stages = stageSchedules(ablationTimeline(settings, options), 0);
      const stepsOf = (name: string) =>
        lineOf(
          stages.map(({ spec }) => spec),
          name,
        ).reduce((sum, one) => sum + stages.find(({ spec }) => spec.name === one)!.part.steps, 0);
      const total = settings.examples / settings.batch;
      for (const end of ['pretraining-to-100', 'first-resolution', 'larger-resolution', 'naflex'])
        expect(stepsOf(end), end).toBe(total);
      expect(stepsOf('curation')).toBe(total + settings.curation.examples / settings.batch);
      for (const { part } of stages) expect(part.steps).toBeGreaterThan(1);
    }
  });

  it('has a teacher that sees more, and reads the same inputs', () => {
    const [teacher, learner] = [teacherTimeline(FULL, 500), sigmoidTimeline(FULL, 500)];
    expect(teacher.stages[0].images).toEqual(learner.stages[0].images);
    expect(teacher.examples).toBeGreaterThan(learner.examples);
  });
});

describe('the variants', () => {
  it('end with stages that there are, with a decoder where one is trained to the end', () => {
    const timelines = timelinesOf(FULL, options);
    for (const { timeline, spec, ownDecoder, name } of VARIANTS) {
      const end = timelines[timeline].stages.find((one) => one.name === spec)!;
      expect(end.losses.includes('locca'), name).toBe(ownDecoder);
    }
  });

  it('are chosen by name, in their order', () => {
    expect(variantsNamed(['naflex', 'sigmoid']).map(({ name }) => name)).toEqual(['sigmoid', 'naflex']);
    expect(() => variantsNamed(['siglip'])).toThrow(/no variant 'siglip'; there are sigmoid, locca/);
    expect(DEFAULT_VARIANTS).toEqual([
      'sigmoid',
      'locca',
      'self-supervision',
      'naflex',
      'acid',
      'continuation',
    ]);
  });
});
