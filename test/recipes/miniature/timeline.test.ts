import { describe, expect, it } from 'vitest';
import { FULL } from '../../../recipes/miniature/settings.ts';
import { miniatureTimeline, sigmoidTimeline, teacherTimeline } from '../../../recipes/miniature/timeline.ts';
import { paperTimeline } from '../../../src/train/timeline/paper.ts';
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

  it('has a teacher that sees more, and reads the same inputs', () => {
    const [teacher, learner] = [teacherTimeline(FULL, 500), sigmoidTimeline(FULL, 500)];
    expect(teacher.stages[0].images).toEqual(learner.stages[0].images);
    expect(teacher.examples).toBeGreaterThan(learner.examples);
  });
});
