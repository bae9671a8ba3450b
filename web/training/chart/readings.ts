import { formatNumber } from '../../../src/train/run/report/axis.ts';
import { exact } from '../../shared/numbers.ts';
import { type ChartData, type Reading, readingsAt } from './chartData.ts';

/** A value with its range, where it stands for several. */
export function valueText({ point }: Reading): string {
  const value = formatNumber(point.mean);
  if (point.max === point.min) return value;
  return `${value} (${formatNumber(point.min)} to ${formatNumber(point.max)})`;
}

/** What comes last: of several runs, the last of each; of one run, the last of the stage that it has come to. */
export function lastReadings(data: ChartData): Reading[] {
  const found = new Map<string, Reading>();
  for (const line of data.lines) {
    const point = line.points.at(-1);
    const before = found.get(line.name);
    if (point && (!before || point.x >= before.point.x)) found.set(line.name, { line, point });
  }
  const all = [...found.values()];
  if (!data.isOneRun) return all;
  return all.length === 0 ? [] : [all.reduce((a, b) => (b.point.x >= a.point.x ? b : a))];
}

/** What a chart says at an update in one line, for a reader who does not see it. */
export function readingText(data: ChartData, step: number): string {
  const said = readingsAt(data.lines, step).map((reading) => `${reading.line.name} ${valueText(reading)}`);
  return `update ${exact(Math.round(step))}: ${said.join(', ') || 'nothing'}`;
}
