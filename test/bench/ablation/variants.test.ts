import { describe, expect, it } from 'vitest';
import { lineOf } from '../../../bench/ablation/cost.ts';
import { ablationTimeline, timelinesOf } from '../../../bench/ablation/timelines.ts';
import { DEFAULT_VARIANTS, VARIANTS, variantsNamed } from '../../../bench/ablation/variants.ts';
import { BUDGETS, FULL } from '../../../recipes/miniature/settings.ts';
import { stageSchedules } from '../../../src/train/timeline/stageSchedule.ts';

const options = { vocabSize: 500, teacher: 'somewhere' };

describe('the ablation’s timeline', () => {
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
});

describe('the variants', () => {
  it('end with stages that there are, with a decoder where one is trained to the end', () => {
    const timelines = timelinesOf(FULL, options);
    for (const { timeline, stage, ownDecoder, name } of VARIANTS) {
      const end = timelines[timeline].stages.find((one) => one.name === stage)!;
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
