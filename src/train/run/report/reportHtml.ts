import { formatNumber } from './axis.ts';
import { chart } from './chart.ts';
import { curveOf, quantities } from './curve.ts';
import { escapeHtml } from './escapeHtml.ts';
import type { StageHistory } from './history.ts';
import { inOrder, labelOf } from './labels.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #6a737d; --line: #d8dee4; --paper: #fff;
  --s0: #1f6feb; --s1: #cf4a1b; --s2: #1a7f47; --s3: #8250df; --s4: #9a6700; --s5: #bf3989; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --faint: #9198a1; --line: #30363d; --paper: #0d1117;
  --s0: #58a6ff; --s1: #ff8c61; --s2: #4ac26b; --s3: #bc8cff; --s4: #d4a72c; --s5: #ff80c8; } }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 68rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1rem; margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .9rem .25rem 0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.charts { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr));
  margin-top: 2rem; }
.charts > :first-child { grid-column: 1 / -1; }
figure { margin: 0; } figcaption span { color: var(--faint); }
svg { display: block; height: auto; width: 100%; }
.charts > :first-child { overflow-x: auto; } .charts > :first-child svg { min-width: 40rem; }
svg text { fill: var(--faint); font-size: 11px; }
.grid { stroke: var(--line); } .border { stroke: var(--faint); stroke-dasharray: 3 3; }
polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round; } polygon { opacity: .18; stroke: none; }
i { border-radius: 50%; display: inline-block; height: .7em; margin-right: .4em; width: .7em; }
${[0, 1, 2, 3, 4, 5]
  .map(
    (i) =>
      `polyline.stage${i} { stroke: var(--s${i}); } polygon.stage${i}, circle.stage${i} { fill: var(--s${i}); } ` +
      `i.stage${i} { background: var(--s${i}); }`,
  )
  .join('\n')}
`;

const number = (value: unknown): string =>
  typeof value === 'number' && Number.isFinite(value) ? formatNumber(value) : '–';

function stageRow({ name, start, entries }: StageHistory, index: number): string {
  // The last may hold the numbers of an evaluation alone.
  const last = entries.findLast((entry) => 'loss' in entry) ?? entries.at(-1)!;
  const cells = [
    start,
    last.step,
    last['loss'],
    last['learningRate'],
    last['stepsPerSecond'],
    typeof last['idle'] === 'number' ? 100 * last['idle'] : undefined,
  ];
  const label = `<i class="stage${index % 6}"></i>${escapeHtml(name)}`;
  return `<tr><td>${label}</td>${cells.map((cell) => `<td>${number(cell)}</td>`).join('')}</tr>`;
}

function figure(key: string, history: readonly StageHistory[], wide: boolean): string {
  const curves = history.map((stage) => curveOf(stage, key));
  const borders = [...new Set(history.map(({ start }) => start))];
  const last = history.at(-1)!.entries.findLast((entry) => key in entry)?.[key];
  const label = labelOf(key);
  const svg = chart(
    label,
    curves,
    borders,
    wide ? { width: 1040, height: 300 } : { width: 500, height: 220 },
  );
  const value = number(last);
  const now = value === '–' ? '' : ` <span>${value} at the end</span>`;
  return `<figure><figcaption><h2>${escapeHtml(label)}${now}</h2></figcaption>${svg}</figure>`;
}

/**
 * A run's curves as one page that needs nothing else: no script, no network. Every number in the logs has a chart.
 * @param title the run's name
 */
export function reportHtml(title: string, history: readonly StageHistory[]): string {
  const heads = ['stage', 'from update', 'updates', 'loss', 'learning rate', 'steps/s', 'waiting, %'];
  const charts = inOrder(quantities(history)).map((key, index) => figure(key, history, index === 0));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<div class="scroll"><table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>
${history.map(stageRow).join('\n')}
</tbody>
</table></div>
<div class="charts">
${charts.join('\n')}
</div>
</body>
</html>
`;
}
