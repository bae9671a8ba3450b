import { describe, expect, it } from 'vitest';
import { ratioTicks } from '../../src/train/run/report/axis.ts';
import { logarithmic } from '../../src/train/run/report/place.ts';
import { commandLine, splitPatterns } from '../../web/folders/commandLine.ts';
import { paceText, progressText, share, stateText } from '../../web/jobs/jobText.ts';
import { ago } from '../../web/shared/ago.ts';
import { pointAt, readingsAt, stepsOf } from '../../web/training/chart/chartData.ts';
import { lastReadings, readingText } from '../../web/training/chart/readings.ts';
import { smooth } from '../../web/training/chart/smooth.ts';
import { chartOf, evaluationChartOf, measuredIn, metricsOf } from '../../web/training/curves.ts';

const point = (x: number, mean: number, by = 0) => ({ x, mean, min: mean - by, max: mean + by });

describe('a folder', () => {
  const request = {
    collection: 'photos',
    folder: '~/My Pictures',
    frames_every: null,
    pages: true,
    exclude: [],
  };

  it('is indexed by the same command', () => {
    expect(commandLine(request)).toBe("siglip2 index ~/'My Pictures' --name photos");
    expect(
      commandLine({
        collection: '',
        folder: "/it's",
        frames_every: 2.5,
        pages: false,
        exclude: ['*.gif', 'thumbs'],
      }),
    ).toBe(String.raw`siglip2 index '/it'\''s' --frames every=2.5s --no-pages --exclude '*.gif' thumbs`);
  });

  it('is left out in parts by patterns, one a line or with commas between', () => {
    expect(splitPatterns(' thumbs, *.gif\n2019/raw/**,\n')).toEqual(['thumbs', '*.gif', '2019/raw/**']);
  });
});

describe('a job', () => {
  it('says how far it is, how fast, and how long it takes', () => {
    expect(progressText({ done: 1234, total: 5000, unit: 'files' })).toBe('1,234 of 5,000 files');
    expect(progressText({ done: 1, total: undefined, unit: 'files' })).toBe('1 file');
    expect(progressText({ done: 1.5e9, total: 3e9, unit: 'bytes' })).toBe('1.5 GB of 3 GB');
    expect(paceText({ rate: 41.7, remaining: 90, unit: 'files' })).toBe('42 a second · 2 min left');
    expect(paceText({ rate: undefined, remaining: undefined, unit: 'files' })).toBe('');
    expect(stateText({ state: 'running', stage: 'embedding' })).toBe('Embedding');
    expect(stateText({ state: 'failed', stage: 'embedding' })).toBe('Failed');
    expect(share({ done: 3, total: 12 })).toBe(0.25);
    expect(share({ done: 0, total: 0 })).toBeUndefined();
    expect(ago(0, 90_000)).toBe('1 minute ago');
  });
});

describe('a chart', () => {
  const lines = [
    { name: 'a', colour: 0, points: [point(1, 4), point(2, 2, 0.5)] },
    { name: 'b', colour: 1, points: [point(3, 8)] },
  ];

  it('tells what each line has at an update', () => {
    expect(stepsOf({ lines })).toEqual([1, 2, 3]);
    expect(pointAt(lines[0]!.points, 2.4)).toEqual(point(2, 2, 0.5));
    expect(pointAt(lines[0]!.points, 3)).toBeUndefined();
    expect(readingsAt(lines, 2).map(({ line }) => line.name)).toEqual(['a']);
    const data = { lines, borders: [], isLogarithmic: false };
    expect(readingText(data, 2)).toBe('update 2: a 2 (1.5 to 2.5)');
    expect(lastReadings(data).map(({ point: { mean } }) => mean)).toEqual([2, 8]);
    expect(lastReadings({ ...data, isOneRun: true }).map(({ line }) => line.name)).toEqual(['b']);
  });

  it('smooths without a pull to 0 at the beginning, and leaves the range alone', () => {
    const smoothed = smooth([point(1, 4, 1), point(2, 0, 1)], 0.5);
    expect(smoothed.map(({ mean }) => mean)).toEqual([4, 0.25 * 4 * (1 / 0.75)]);
    expect(smoothed[1]).toMatchObject({ min: -1, max: 1 });
  });

  it('has round numbers on an axis of ratios, and a place for those above 0', () => {
    expect(ratioTicks(0.5, 2000, 5)).toEqual([1, 10, 100, 1000]);
    expect(ratioTicks(0.9, 12, 5)).toEqual([1, 2, 5, 10]);
    expect(ratioTicks(1e-9, 1, 4).length).toBeLessThanOrEqual(5);
    expect(ratioTicks(3, 4, 4)).toContain(3.5);
    const place = logarithmic([1, 100], 0, 200);
    expect([1, 10, 100, 0].map(place)).toEqual([0, 100, 200, 0]);
  });
});

describe('runs', () => {
  const run = (name: string) => ({
    name,
    state: 'finished' as const,
    stages: [
      {
        name: 'one',
        curves: [
          { metric: 'idle', points: [point(1, 1)] },
          { metric: 'loss', points: [point(1, 9)] },
        ],
      },
      { name: 'two', curves: [{ metric: 'loss', points: [point(5, 3), point(6, 2)] }] },
    ],
    evaluations: [
      {
        step: 6,
        stage: 'two',
        name: 'emoji',
        metric: 'R@1',
        value: 0.5,
        interval: [0.4, 0.6] as [number, number],
        chance: 0.01,
      },
    ],
    samples: [],
    skipped_lines: 0,
  });
  const drawing = { isLogarithmic: false, smoothing: 0 };

  it('are drawn alone by stages, and together by runs', () => {
    expect(metricsOf([run('a')])).toEqual(['loss', 'idle']);
    const alone = chartOf('loss', [run('a')], drawing);
    expect(alone.lines.map(({ name, colour }) => [name, colour])).toEqual([
      ['one', 0],
      ['two', 1],
    ]);
    expect(alone.borders).toEqual([5]);
    const together = chartOf('loss', [run('a'), run('b')], drawing);
    expect(together.lines.map(({ name, colour }) => [name, colour])).toEqual([
      ['a', 0],
      ['a', 0],
      ['b', 1],
      ['b', 1],
    ]);
  });

  it('show what evaluators measured, with its interval and what chance gives', () => {
    const [measured] = measuredIn([run('a'), run('b')]);
    expect(evaluationChartOf(measured!, [run('a')], drawing)).toMatchObject({
      lines: [{ name: 'two', colour: 1, points: [{ x: 6, mean: 0.5, min: 0.4, max: 0.6 }] }],
      level: { value: 0.01 },
    });
  });
});
