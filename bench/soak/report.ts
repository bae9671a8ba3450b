import { memorySlope } from './memory.ts';
import type { SoakResult } from './soak.ts';

/** The value below which a share of them lies. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

const milliseconds = (value: number): string => value.toFixed(0);
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

function row(kind: string, times: readonly number[], retries: number): string {
  const [middle, most] = [quantile(times, 0.5), quantile(times, 0.99)];
  return `| ${kind} | ${times.length} | ${retries} | ${milliseconds(middle)} | ${milliseconds(most)} |`;
}

/** The result as Markdown. */
export function soakReport(result: SoakResult): string {
  const { tally, seconds, peakBytes, residentBytes, memory, exitCode } = result;
  const all = [...tally.times.values()].flat();
  const retries = [...tally.retries.values()].reduce((sum, value) => sum + value, 0);
  const attacks = [...tally.attacks].map(
    ([kind, statuses]) =>
      `| ${kind} | ${[...statuses].map(([status, times]) => `${status || 'none'} × ${times}`).join(', ')} |`,
  );
  return [
    `${all.length} well-formed requests answered in ${seconds.toFixed(0)} s (${(all.length / seconds).toFixed(1)} a second), ${tally.losses.length} lost, ${tally.flaws.length} answered wrong; ${megabytes(peakBytes)} MB of resident memory at most, ${megabytes(residentBytes[0])} MB before and ${megabytes(residentBytes[1])} MB after, in the last two thirds ${(memorySlope(memory) / 1e6).toFixed(1)} MB more a minute; exit code ${exitCode}.`,
    '',
    '| well-formed | answered | sent away first (429) | p50, ms | p99, ms |',
    '|---|---|---|---|---|',
    ...[...tally.times].map(([kind, times]) => row(kind, times, tally.retries.get(kind) ?? 0)),
    row('all', all, retries),
    '',
    '| hostile | status × times |',
    '|---|---|',
    ...attacks,
  ].join('\n');
}

export interface SoakLimits {
  /** Of resident memory. */
  readonly mostBytes: number;
  /** Bytes a minute by which it may grow in the last two thirds. Default: any, as a short soak tells nothing of it. */
  readonly mostSlope?: number;
}

/** Everything that must not happen in a soak, as sentences; the first few of each sort. */
export function soakFaults(result: SoakResult, { mostBytes, mostSlope }: SoakLimits): string[] {
  const { tally, peakBytes, memory, exitCode, log } = result;
  const slope = memorySlope(memory);
  const few = (what: string, list: readonly string[]) =>
    list.length === 0 ? [] : [`${list.length} ${what}:`, ...[...new Set(list)].slice(0, 10)];
  const complaints = log.split('\n').filter((line) => line && !/http:\/\/|^closing$/.test(line));
  return [
    ...few('requests were lost', tally.losses),
    ...few('answers were wrong', tally.flaws),
    ...few('attacks had another outcome than they should', tally.strange),
    ...few('lines of the server say that something failed', complaints),
    // Not a number where the system does not tell.
    ...(peakBytes > mostBytes
      ? [`${megabytes(peakBytes)} MB resident, more than ${megabytes(mostBytes)} MB`]
      : []),
    ...(mostSlope !== undefined && slope > mostSlope
      ? [`resident memory grows by ${megabytes(slope)} MB a minute, more than ${megabytes(mostSlope)} MB`]
      : []),
    ...result.figureFaults,
    ...(exitCode === 0 ? [] : [`the server ended with ${exitCode} instead of 0`]),
  ];
}
