import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { extent, formatNumber, ticks } from '../../../../src/train/run/report/axis.ts';
import { chart } from '../../../../src/train/run/report/chart.ts';
import { curveOf, quantities } from '../../../../src/train/run/report/curve.ts';
import { readHistory } from '../../../../src/train/run/report/history.ts';
import { reportHtml } from '../../../../src/train/run/report/reportHtml.ts';
import { writeReport } from '../../../../src/train/run/report/writeReport.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entries = (count: number, value: (step: number) => number) =>
  Array.from({ length: count }, (_, i) => ({ step: i + 1, time: 9, loss: value(i + 1), idle: 0.25 }));

/** Attribute values of all elements with a tag. */
const attributes = (html: string, tag: string, name: string): string[] =>
  [...html.matchAll(new RegExp(`<${tag} [^>]*?\\b${name}="([^"]*)"`, 'g'))].map((match) => match[1]!);

describe('curves', () => {
  it('keep a short log and merge neighbours of a long one', () => {
    const short = curveOf({ name: 'a', start: 10, entries: entries(3, (step) => step * 2) }, 'loss');
    expect(short.points).toEqual([2, 4, 6].map((y, i) => ({ x: 11 + i, mean: y, min: y, max: y })));
    const long = curveOf({ name: 'a', start: 0, entries: entries(900, (step) => step % 3) }, 'loss');
    expect(long.points).toHaveLength(300);
    expect(long.points[1]).toEqual({ x: 5, mean: 1, min: 0, max: 2 });
  });

  it('leave out what is no number', () => {
    const broken = [...entries(2, () => 1), { step: 3, loss: null }, { step: 4, loss: Number.NaN }];
    expect(curveOf({ name: 'a', start: 0, entries: broken }, 'loss').points).toHaveLength(2);
    expect(curveOf({ name: 'a', start: 0, entries: [] }, 'loss').points).toEqual([]);
    expect(quantities([{ name: 'a', start: 0, entries: entries(2, () => 1) }])).toEqual(['loss', 'idle']);
  });
});

describe('axes', () => {
  it('have round ticks', () => {
    expect(ticks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticks(0.11, 0.47, 4)).toEqual([0.2, 0.3, 0.4]);
    expect(ticks(-3, 1200, 3)).toEqual([0, 500, 1000]);
    expect(ticks(5, 5, 3)).toEqual([5]);
    expect([1_220_703, 12_500, 1234, 0.5, 0, 1e-5, -2].map(formatNumber)).toEqual([
      '1.221M',
      '12.5k',
      '1234',
      '0.5',
      '0',
      '1.0e-5',
      '-2',
    ]);
    expect(extent([2, 2])).toEqual([1.8, 2.2]);
    expect(extent([])).toEqual([0, 1]);
  });

  it('map values to places', () => {
    const point = (x: number, y: number) => ({ x, mean: y, min: y, max: y });
    const curve = { name: 'a', points: [point(0, 0), point(5, 20), point(10, 10)] };
    const svg = chart('Loss', [curve], [0, 5, 10], { width: 168, height: 134 });
    // 56 … 156 across, 110 … 10 down.
    expect(attributes(svg, 'polyline', 'points')).toEqual(['56,110 106,10 156,60']);
    expect(attributes(svg, 'line', 'x1').filter((x) => x === '106')).toHaveLength(1);
    expect(svg).not.toContain('<polygon');
  });
});

describe('the report', () => {
  const stages = [
    { name: 'first', start: 0, entries: entries(4, (step) => 5 - step) },
    { name: '<b>&"second', start: 4, entries: entries(2, () => 0.5) },
  ];

  it('has a row a stage and a chart a quantity, and asks for nothing from elsewhere', () => {
    const html = reportHtml('runs/<x>', stages);
    expect(html.match(/<svg /g)).toHaveLength(2);
    expect(attributes(html, 'svg', 'aria-label')).toEqual(['Loss', 'Share of time spent waiting for data']);
    expect(html).toContain('<td>4</td><td>2</td><td>0.5</td>');
    expect(html).not.toMatch(/<b>|<x>|<script|https?:|url\(|@import|src=|href=/);
    expect(html).toContain('&lt;b&gt;&amp;&quot;second');
    expect(html).toContain('prefers-color-scheme: dark');
  });

  it('follows a run’s stages, forks included, as far as they have come', async () => {
    const run = join(folder, 'forked');
    const outline = [
      { name: 'base', dir: '1-base' },
      { name: 'large', dir: '2-large', parent: 0 },
      { name: 'naflex', dir: '3-naflex', parent: 0 },
      { name: 'later', dir: '4-later', parent: 2 },
    ];
    mkdirSync(run);
    writeFileSync(join(run, 'stages.json'), JSON.stringify(outline));
    for (const [dir, count] of [
      ['1-base', 4],
      ['2-large', 3],
      ['3-naflex', 2],
    ] as const) {
      mkdirSync(join(run, dir));
      const lines = entries(count, () => 1).map((entry) => `${JSON.stringify(entry)}\n`);
      writeFileSync(join(run, dir, 'log.jsonl'), `${lines.join('')}{"step":9,"lo`);
    }
    const history = await readHistory(run);
    expect(history.map(({ name, start, entries: lines }) => [name, start, lines.length])).toEqual([
      ['base', 0, 4],
      ['large', 4, 3],
      ['naflex', 4, 2],
    ]);
    expect(readFileSync(await writeReport(run), 'utf8')).toContain('<title>forked</title>');
    // A run without an outline is a line.
    rmSync(join(run, 'stages.json'));
    expect((await readHistory(run)).map(({ start }) => start)).toEqual([0, 4, 7]);
    await expect(writeReport(join(folder, 'nothing'))).rejects.toThrow(
      /nothing: no stage of a run has logged/,
    );
  });

  it('takes a folder that logs itself, as that of a fine-tuning, as one stage', async () => {
    const run = join(folder, 'tuned');
    mkdirSync(run);
    await expect(writeReport(run)).rejects.toThrow(/tuned: no stage of a run has logged/);
    const lines = entries(3, () => 1).map((entry) => `${JSON.stringify(entry)}\n`);
    writeFileSync(join(run, 'log.jsonl'), lines.join(''));
    expect(await readHistory(run)).toEqual([{ name: 'training', start: 0, entries: entries(3, () => 1) }]);
    expect(readFileSync(await writeReport(run), 'utf8')).toContain('</i>training</td><td>0</td><td>3</td>');
  });
});
