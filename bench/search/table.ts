import { type Answers, recall } from './exact.ts';
import type { LaneResult } from './lane.ts';
import { FILTERS, type FilterName } from './searchSet.ts';

export interface Measured {
  readonly name: string;
  readonly result?: LaneResult | undefined;
  /** Why there are no figures. */
  readonly missing?: string | undefined;
}

/** The time below which a share of the searches lies. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

const number = (value: number): string => (value >= 100 ? String(Math.round(value)) : value.toPrecision(2));
const mebibytes = (bytes: number): string =>
  bytes > 0 ? Math.round(bytes / 2 ** 20).toLocaleString('en') : '–';

function searchCell(result: LaneResult, filter: FilterName, right: Answers): string {
  const search = result.searches[filter];
  if (!search) return '–';
  const [p50, p99] = [0.5, 0.99].map((share) => number(percentile(search.times, share)));
  return `${p50} / ${p99}, ${recall(search.rows, right[filter]).toFixed(3)}`;
}

function cells({ name, result, missing }: Measured, right: Answers): string[] {
  if (!result) return [name, missing ?? '', ...Array.from({ length: 6 }, () => '')];
  return [
    result.note ? `${name} (${result.note})` : name,
    number(result.build),
    number(result.open),
    mebibytes(result.disk),
    mebibytes(result.memory),
    ...FILTERS.map((filter) => searchCell(result, filter, right)),
  ];
}

/** One size, as Markdown. */
export function searchTable(size: number, lanes: readonly Measured[], right: Answers): string {
  const header = [
    `${size.toLocaleString('en')} vectors`,
    'build, s',
    'open, s',
    'disk, MiB',
    'memory, MiB',
    ...FILTERS.map(
      (filter) => `${filter === 'none' ? 'no filter' : `filter ${filter}`}: p50 / p99 ms, recall`,
    ),
  ];
  const rows = [header, header.map(() => '---'), ...lanes.map((lane) => cells(lane, right))];
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
