import { describe, expect, it } from 'vitest';
import type { StageCost } from '../../../src/train/cost/cost.ts';
import { matmulRate } from '../../../src/train/cost/matmulRate.ts';
import { stageCosts } from '../../../src/train/cost/stageCost.ts';
import { largeStepCost, stepCost } from '../../../src/train/cost/stepCost.ts';
import { timelineCosts } from '../../../src/train/cost/timelineCost.ts';
import type { Stage } from '../../../src/train/run/stage.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import { paperTimeline } from '../../../src/train/timeline/paper.ts';
import { stageObjective } from '../../../src/train/timeline/stageObjective.ts';
import { timelineRun } from '../../../src/train/timeline/timelineRun.ts';
import { tinyTimeline } from '../timeline/tinyTimeline.ts';

describe('the cost of a step', () => {
  it.each([0, 1, 3])('on a large batch is what its own graph says (stage %d)', (index) => {
    const timeline = tinyTimeline();
    const spec = timeline.stages[index]!;
    const length = spec.images.kind === 'naflex' ? { length: 9 } : {};
    const build = (images: number) => stageObjective(timeline, spec, { images, ...length });
    const direct = stepCost(build(50), PAPER_OPTIMIZER);
    const continued = largeStepCost(build, PAPER_OPTIMIZER, 50);
    expect(continued.flops).toBe(direct.flops);
    expect(continued.stateBytes).toBe(direct.stateBytes);
    // Which values are alive at the peak may change with the batch.
    expect(Math.abs(continued.workingBytes / direct.workingBytes - 1)).toBeLessThan(0.05);
    expect(Math.abs(continued.activationBytes / direct.activationBytes - 1)).toBeLessThan(0.05);
    // Gradients and the batch take something too.
    expect(continued.activationBytes).toBeLessThan(continued.workingBytes);
  });

  it('of the sigmoid loss on B/16 is the textbook’s', () => {
    const [d, m, layers, tokens, text] = [768, 3072, 12, 256, 64];
    const encoder = (t: number) => layers * (4 * t * d * d + 2 * t * d * m + 2 * t * t * d);
    // Three times the forward pass, two operations a product; the heads are left out.
    const perPair = 6 * (tokens * d * d + encoder(tokens) + encoder(text));
    const logits = 6 * 32_768 * d;
    const timeline = paperTimeline('base');
    const spec = { ...timeline.stages[0], losses: ['sigmoid'] as const };
    const { flops, stateBytes } = largeStepCost(
      (images) => stageObjective(timeline, spec, { images }),
      PAPER_OPTIMIZER,
      32_768,
    );
    // The last text block works for one position only, and the head is not counted: they nearly cancel.
    expect(flops / 32_768 / (perPair + logits)).toBeGreaterThan(0.97);
    expect(flops / 32_768 / (perPair + logits)).toBeLessThan(1.03);
    // The parameters of B/16-256, each with two moments, all twice.
    expect(stateBytes).toBe(375_234_050 * 4 * 3 * 2);
  });
});

describe('the plan of a timeline', () => {
  const timeline = tinyTimeline();
  const plan = timelineCosts(timeline, 1);

  it('has the steps and learning rates of its stages', () => {
    expect(
      plan.map(({ name, from, steps, batches, examples, scored }) => [
        name,
        from,
        steps,
        batches,
        examples,
        scored,
      ]),
    ).toEqual([
      ['pretraining', undefined, 4, 4, 16, undefined],
      ['distilled', 'pretraining', 2, 2, 8, undefined],
      ['larger', 'distilled', 2, 2, 8, undefined],
      ['naflex', 'pretraining', expect.any(Number), 6, 24, undefined],
      ['curation', 'larger', 2, 2, 8, 16],
    ]);
    expect(plan[0]!.learningRate!.first).toBe(0);
    expect(plan[1]!.learningRate!.first).toBe(plan[0]!.learningRate!.last);
    expect(plan[3]!.learningRate!.first).toBe(plan[0]!.learningRate!.last);
    expect(plan[3]!.learningRate!.last).toBeCloseTo(0, 15);
    expect(plan[4]!.learningRate!.first).toBe(1e-3);
    expect(plan.map(({ images }) => images)).toEqual(['8²/2', '8²/2', '12²/3', 'naflex/2 5, 9', '12²/3']);
  });

  it('counts every update at the cost of its graph', () => {
    const counted = (name: string) => plan.find((stage) => stage.name === name)!.flops!;
    const flopsOf = (index: number, images: number, length?: number) =>
      stepCost(
        stageObjective(timeline, timeline.stages[index]!, { images, ...(length && { length }) }),
        PAPER_OPTIMIZER,
      ).flops;
    expect(counted('pretraining')).toBe(4 * flopsOf(0, 4));
    // 6 batches; those of 9 patches are two updates of half the size.
    const halves = plan[3]!.steps! - 6;
    expect(counted('naflex')).toBe((6 - halves) * flopsOf(3, 4, 5) + 2 * halves * flopsOf(3, 2, 9));
    expect(counted('curation')).toBeGreaterThan(2 * flopsOf(4, 4));
  });

  it.each([{}, { steps: 2 }, { steps: 5 }])('agrees with the plan of the stages that run (%o)', (cut) => {
    const data = { batchAt: () => ({}), selectFor: () => () => ({ batch: {} }) };
    const run = stageCosts(timelineRun(timeline, data, { seed: 1, ...cut }));
    const planned = timelineCosts(timeline, 1, cut.steps);
    const common = ({ name, steps, examples, schedule, learningRate }: StageCost) => ({
      name,
      steps,
      examples,
      schedule,
      learningRate,
    });
    expect(run.map(common)).toEqual(planned.map(common));
    // What a stage that runs computes to choose its examples is not known.
    expect([run, planned].map((stages) => stages.map(({ choosing }) => choosing))).toEqual([
      [undefined, undefined, undefined, undefined, 'not counted'],
      [undefined, undefined, undefined, undefined, 'counted'],
    ]);
    const costs = ({ flops, memory }: StageCost) => ({ flops, memory });
    expect(run.slice(0, -1).map(costs)).toEqual(planned.slice(0, -1).map(costs));
    expect(run[4]!.memory).toEqual(planned[4]!.memory);
    expect(run[4]!.flops).toBeLessThan(planned[4]!.flops!);
  });

  it('is cut to fewer updates where a stage has more', () => {
    const cut = timelineCosts(timeline, 1, 3);
    expect(cut.map(({ steps, batches, examples }) => [steps, batches, examples])).toEqual([
      [3, undefined, 12],
      [2, 2, 8],
      [2, 2, 8],
      [3, undefined, expect.any(Number)],
      [2, 2, 8],
    ]);
    const [once, twice] = [timelineCosts(timeline, 1, 1)[4]!, plan[4]!];
    expect([once.scored, once.flops]).toEqual([8, twice.flops! / 2]);
    // The same part of the schedule, in larger steps.
    expect(cut[0]!.learningRate).toEqual(plan[0]!.learningRate);
  });

  it('leaves open what depends on what is learnt', () => {
    const stages: Stage[] = [
      { name: 'open', training: { steps: 7, make: () => Promise.reject(new Error('nothing is trained')) } },
    ];
    expect(stageCosts(stages)).toEqual([{ name: 'open', losses: [], images: '–', steps: 7 }]);
  });
});

it('the rate of matrix products is that of a machine', async () => {
  const rate = await matmulRate({ threads: 1 });
  expect(rate).toBeGreaterThan(1e8);
  expect(rate).toBeLessThan(1e15);
});
