import { describe, expect, it } from 'vitest';
import { VARIANTS } from '../../../src/model/variants.ts';
import { positionAt, scheduleAt } from '../../../src/train/step/optimizer/schedule.ts';
import { drawLengths } from '../../../src/train/timeline/lengthDraws.ts';
import { PAPER_NAFLEX, paperTimeline } from '../../../src/train/timeline/paper.ts';
import { type StageSchedule, stageSchedules } from '../../../src/train/timeline/stageSchedule.ts';
import type { StageSpec, Timeline } from '../../../src/train/timeline/timeline.ts';

const stages = stageSchedules(paperTimeline('base'));
const stage = (name: string): StageSchedule => stages.find(({ spec }) => spec.name === name)!;

describe('the paper’s timeline', () => {
  it('has the steps of §2.2 to §2.5', () => {
    const rows = ['pretraining', 'pretraining-to-90', 'self-distillation', 'patch16-384'].map((name) => {
      const { part, batches } = stage(name);
      return [part.from, part.to, part.steps, batches];
    });
    expect(rows).toEqual([
      [0, 976_562, 976_562, 976_562],
      [976_562, 1_098_633, 122_071, 122_071],
      [976_562, 1_159_668, 183_106, 183_106],
      [1_159_668, 1_220_703, 61_035, 61_035],
    ]);
    expect(stage('pretraining').schedule).toEqual({ totalSteps: 1_220_703, warmupSteps: 20_000 });
  });

  it('stretches the NaFlex tail to 457,764 batches and 15 B examples (§2.4.2)', () => {
    const { part, batches, examples, draws } = stage('naflex');
    expect([part.from, part.to, batches]).toEqual([1_098_633, 1_220_703, 457_764]);
    expect(examples / 1e9).toBeCloseTo(15, 3);
    // A fifth of the batches makes two updates: 1.2 times as many, ± 5 standard deviations of the draw.
    const deviation = Math.sqrt(batches * 0.2 * 0.8);
    expect(Math.abs(part.steps - 1.2 * batches)).toBeLessThan(5 * deviation);
    expect(draws!.steps).toBe(part.steps);
  });

  it('ends with 4 B curated examples for B/16 and B/32 alone (§2.5)', () => {
    const curation = stages.filter(({ spec }) => spec.curation);
    expect(curation.map(({ spec: { name }, superBatch }) => [name, superBatch])).toEqual([
      ['patch32-256-curation', 131_072],
      ['patch16-224-curation', 65_536],
      ['patch16-256-curation', 65_536],
      ['patch16-384-curation', 65_536],
      ['patch16-512-curation', 65_536],
    ]);
    for (const { part, optimizer, spec, schedule } of curation) {
      expect([part.steps, part.from, part.updatesBefore, schedule.totalSteps]).toEqual([
        122_070, 0, 0, 122_070,
      ]);
      expect(optimizer).toMatchObject({ learningRate: 1e-5, weightDecay: 0 });
      expect(spec.losses).toEqual(['sigmoid']);
    }
    for (const size of ['large', 'so400m', 'giant-opt'] as const)
      expect(paperTimeline(size).stages.some(({ curation: one }) => one)).toBe(false);
  });

  it('adds the self-supervised losses at 80 % and never on the NaFlex line', () => {
    const withTeacher = stages.filter(({ spec }) => spec.losses.includes('selfDistillation'));
    expect(withTeacher.every(({ part }) => part.from >= 976_562)).toBe(true);
    for (const name of ['pretraining-to-90', 'naflex'])
      expect(stage(name).spec.losses).toEqual(['sigmoid', 'locca']);
    expect(
      ['base', 'large', 'so400m', 'giant-opt'].map(
        (size) => paperTimeline(size as 'base').selfSupervision.sizeFactor,
      ),
    ).toEqual([0.25, 0.5, 1, 0.5]);
  });

  it('makes every released checkpoint, once', () => {
    const released = (['base', 'large', 'so400m', 'giant-opt'] as const)
      .flatMap((size) => paperTimeline(size).stages)
      .flatMap(({ release }) => release ?? []);
    expect(released.sort()).toEqual(VARIANTS.map(({ name }) => name).sort());
  });

  it('is plain data', () => {
    const timeline = paperTimeline('so400m');
    expect(JSON.parse(JSON.stringify(timeline))).toEqual(timeline);
  });

  it('lets a fork continue the schedule, and counts Adam’s updates on its line', () => {
    const { part, schedule } = stage('patch16-512');
    expect(part.updatesBefore).toBe(1_159_668);
    for (const step of [0, 1, 61_034]) expect(positionAt(step, part)).toBe(1_159_668 + step);
    // ½(1+cos(π·(T−5 %−W)/(T−W))), by hand.
    const share = (1_159_668 - 20_000) / (1_220_703 - 20_000);
    expect(scheduleAt(positionAt(0, part), schedule)).toBeCloseTo(0.5 * (1 + Math.cos(Math.PI * share)), 12);
    // The NaFlex fork begins and ends where the straight line does, in more updates.
    const naflex = stage('naflex');
    expect(positionAt(0, naflex.part)).toBe(1_098_633);
    expect(naflex.part.updatesBefore).toBe(1_098_633);
    const end = positionAt(naflex.part.steps, naflex.part);
    expect(end).toBeCloseTo(1_220_703, 6);
    expect(scheduleAt(end, naflex.schedule)).toBeCloseTo(0, 12);
  });
});

describe('sequence lengths', () => {
  const draws = drawLengths(PAPER_NAFLEX, 5000, 32_768, 3);
  const all = Array.from({ length: draws.steps }, (_, step) => draws.at(step));

  it('are drawn equally often by batch; 1024 makes two updates of half a batch', () => {
    for (const { length, batch } of PAPER_NAFLEX.lengths) {
      const updates = all.filter((one) => one.length === length);
      const drawn = new Set(updates.map((one) => one.drawn)).size;
      // Binomial(5000, 1/5): deviation 28.3; five of them.
      expect(Math.abs(drawn - 1000)).toBeLessThan(142);
      expect(updates.every((one) => one.batch === batch)).toBe(true);
      expect(updates.length).toBe(length === 1024 ? 2 * drawn : drawn);
    }
    const halves = all.filter((one) => one.length === 1024);
    expect(halves.map(({ part }) => part)).toEqual(halves.map((_, i) => i % 2));
    expect(all.reduce((sum, { batch }) => sum + batch, 0)).toBe(5000 * 32_768);
  });

  it('advance the schedule by examples, not by updates', () => {
    let seen = 0;
    all.forEach(({ batch }, step) => {
      expect(draws.progressAt(step)).toBeCloseTo(seen / (5000 * 32_768), 12);
      seen += batch;
    });
    expect(draws.progressAt(draws.steps)).toBe(1);
    expect(() => draws.at(draws.steps)).toThrow(/not among/);
  });

  it('are those of their seed', () => {
    const again = drawLengths(PAPER_NAFLEX, 5000, 32_768, 3);
    expect(all.map((_, step) => again.at(step))).toEqual(all);
    const other = drawLengths(PAPER_NAFLEX, 5000, 32_768, 4);
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((step) => other.at(step).length)).not.toEqual(
      all.slice(0, 8).map(({ length }) => length),
    );
  });
});

describe('a timeline that does not fit', () => {
  const paper = paperTimeline('large');
  const [first, second] = paper.stages as readonly [StageSpec, StageSpec];
  it.each<[string, Partial<Timeline>]>([
    [
      'stage pretraining: another stage has this name',
      { stages: [first, { ...first, from: 'pretraining' }] },
    ],
    ['it continues nothing, which is no earlier stage', { stages: [first, { ...second, from: 'nothing' }] }],
    [
      'it starts at 0.9; what it continues ends at 0.8',
      { stages: [first, { ...second, extent: { kind: 'share', start: 0.9, end: 1 } }] },
    ],
    [
      'stages[0].extent.end is 1.2; it must be a number from 0 to 1',
      { stages: [{ ...first, extent: { kind: 'share', start: 0, end: 1.2 } }] },
    ],
    ['stages[0].losses is []; it must be a list of at least 1', { stages: [{ ...first, losses: [] }] }],
    [
      'length 1024 has batches of 16384, no whole part of 100',
      {
        batch: 100,
        stages: [{ ...first, images: { ...PAPER_NAFLEX, lengths: PAPER_NAFLEX.lengths.slice(-1) } }],
      },
    ],
    ['are no training', { examples: 1 }],
    [
      'stages[0].losses[1] is "hinge"; it must be one of sigmoid, locca, selfDistillation, maskedPrediction (registerLoss adds others)',
      { stages: [{ ...first, losses: ['sigmoid', 'hinge'] }] },
    ],
    ['timeline.lossSettings has no loss "hinge"; it may have sigmoid, ', { lossSettings: { hinge: {} } }],
    [
      'timeline.lossSettings.sigmoid.weight is -1; it must be a number of at least 0',
      { lossSettings: { sigmoid: { weight: -1 } } },
    ],
    [
      'timeline.lossSettings.locca has no setting "rows"; known are weight',
      { lossSettings: { locca: { rows: 1 } } },
    ],
    [
      'timeline: its field segments is now called stages: rename it',
      { stages: undefined, segments: paper.stages } as never,
    ],
  ])('%s', (message, change) => {
    expect(() => stageSchedules({ ...paper, ...change })).toThrow(message);
  });
});
