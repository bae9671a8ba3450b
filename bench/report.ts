import { matrixShare } from './operatorShares.ts';
import type { LaneResult, ProfileResult, Results, RowResult } from './result.ts';

const significant = (value: number): string => {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
};
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** A peer's figure and how many times better ours is. */
function peerCell(lane: LaneResult | undefined): string {
  if (!lane) return '–';
  if (lane.missing !== undefined) return `not installed (\`${lane.missing}\`)`;
  return `${significant(lane.value!)} (**${lane.ratio!.toFixed(2)}×**)`;
}

const laneOf = (row: RowResult, engine: string): LaneResult | undefined =>
  row.lanes.find((lane) => lane.engine === engine);

export function rowsTable(rows: readonly RowResult[]): string {
  const header = ['', 'unit', 'ours', 'transformers.js', 'PyTorch', 'GFLOP/s', 'of the matmul rate'];
  const cells = rows.map((row) => [
    row.note ? `${row.title} (${row.note})` : row.title,
    row.unit,
    significant(laneOf(row, 'ours')!.value!),
    peerCell(laneOf(row, 'transformers.js')),
    peerCell(laneOf(row, 'PyTorch')),
    row.compute ? significant(row.compute.gflops) : '',
    row.compute ? `${percent(row.compute.share)} of ${significant(row.compute.matmulGflops)}` : '',
  ]);
  return table(header, cells);
}

/** Operators below this share are not worth a line. */
const LEAST_SHARE = 0.005;

export function profileTable(profile: ProfileResult): string {
  const shown = profile.operators.filter(({ share }) => share >= LEAST_SHARE);
  const rows = shown.map(({ name, calls, ms, share }) => [
    name,
    String(calls),
    significant(ms),
    percent(share),
  ]);
  const outside = 1 - profile.operators.reduce((total, { share }) => total + share, 0);
  return [
    `${profile.title}: ${significant(profile.totalMs)} ms, matrix products ${percent(matrixShare(profile))}, ` +
      `between operators ${percent(outside)}`,
    table(['operator', 'calls', 'ms', 'share'], rows),
  ].join('\n\n');
}

/** Rows in which a peer is ahead. */
function behind(rows: readonly RowResult[]): string {
  const lanes = rows.flatMap((row) =>
    row.lanes
      .filter(({ ratio }) => ratio !== undefined && ratio < 1)
      .map(({ engine, ratio }) => `${row.title} (${engine} ${ratio!.toFixed(2)}×)`),
  );
  return lanes.length > 0 ? `Behind a peer: ${lanes.join('; ')}.` : 'No row is behind a peer.';
}

/** The measured part of RESULTS.md. */
export function report({ date, command, sizes, machine, peers, rows, profiles }: Results): string {
  const { cpu, cores, memoryGiB, node, onnxruntime, vectorExtensions } = machine;
  const versions = Object.entries(peers).map(([name, version]) => `${name}: ${version}`);
  return [
    ...(sizes === 'full' ? [] : ['**Tiny shapes (`--quick`): these figures mean nothing.**']),
    `Measured ${date} with \`${command}\` on ${cpu}, ${cores} cores (${vectorExtensions.join(', ')}), ${memoryGiB} GiB; ` +
      `Node ${node}, onnxruntime-node ${onnxruntime}${versions.map((text) => `; ${text}`).join('')}.`,
    'Medians over rounds in which the engines took turns. In brackets: how many times better ours is than the peer ' +
      '(median over rounds of their time / ours; above 1 ours is better).',
    rowsTable(rows),
    behind(rows),
    ...(profiles.length > 0 ? ['### Where our time goes', ...profiles.map(profileTable)] : []),
  ].join('\n\n');
}

export const START = '<!-- measured: written by npm run bench -->';
export const END = '<!-- end of measured -->';

/** Comments between which a report stands. */
export interface Markers {
  readonly start: string;
  readonly end: string;
}

/** Puts a report between the markers of a document; the rest is written by people. */
export function insertReport(
  document: string,
  text: string,
  { start: from, end: to }: Markers = { start: START, end: END },
): string {
  const [start, end] = [document.indexOf(from), document.indexOf(to)];
  if (start < 0 || end < start) return `${document}\n${from}\n${text}\n${to}\n`;
  return `${document.slice(0, start)}${from}\n\n${text}\n\n${document.slice(end)}`;
}
