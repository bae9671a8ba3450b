import type { VariantResult } from './runVariant.ts';
import type { Variant } from './variants.ts';

export interface Spread {
  readonly mean: number;
  /** Standard deviation over seeds (n − 1); undefined for one seed. */
  readonly deviation: number | undefined;
  readonly seeds: number;
}

/** @throws RangeError on no values */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('no values to average');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : undefined;
  return { mean, deviation, seeds: values.length };
}

interface Column {
  readonly title: string;
  readonly measure: string;
  readonly chance?: string;
  readonly unit: 'percent' | 'plain';
}

const COLUMNS: readonly Column[] = [
  { title: 'text → scene R@1', measure: 'textToImage', unit: 'percent' },
  { title: 'scene → text R@1', measure: 'imageToText', unit: 'percent' },
  { title: 'held-out style', measure: 'heldOutStyle', unit: 'percent' },
  { title: 'stretched scenes', measure: 'stretched', unit: 'percent' },
  { title: 'zero-shot crops', measure: 'crops', chance: 'chance crops', unit: 'percent' },
  { title: 'referring@0.5', measure: 'referring', chance: 'chance referring', unit: 'percent' },
  { title: 'by the decoder', measure: 'decoder', unit: 'percent' },
  { title: 'mIoU', measure: 'meanIoU', chance: 'chance meanIoU', unit: 'percent' },
  { title: 'samples/s', measure: 'samplesPerSecond', unit: 'plain' },
];

/** `41.2 ± 0.8`; `–` where nothing was measured. */
export function formatSpread(values: readonly number[], unit: Column['unit']): string {
  if (values.length === 0) return '–';
  const { mean, deviation } = spreadOf(values);
  const format = (value: number) =>
    unit === 'percent' ? (100 * value).toFixed(1) : String(Math.round(value));
  return deviation === undefined ? format(mean) : `${format(mean)} ± ${format(deviation)}`;
}

const markdown = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const valuesOf = (results: readonly VariantResult[], variant: string, measure: string): number[] =>
  results.flatMap((one) => {
    const value = one.variant === variant ? one.measures[measure] : undefined;
    return value === undefined ? [] : [value];
  });

/** Chance is that of the scenes alone, so it is the same in all runs. */
function chanceRow(results: readonly VariantResult[]): string[] {
  const cells = COLUMNS.map(({ chance, unit }) =>
    chance
      ? formatSpread(
          results.slice(0, 1).map((one) => one.measures[chance]!),
          unit,
        )
      : '',
  );
  return ['chance', ...cells];
}

/** One row a variant: every measure's mean and deviation over seeds. */
export function variantTable(variants: readonly Variant[], results: readonly VariantResult[]): string {
  const rows = variants.map(({ name, title }) => [
    title,
    ...COLUMNS.map(({ measure, unit }) => formatSpread(valuesOf(results, name, measure), unit)),
  ]);
  return markdown(['', ...COLUMNS.map(({ title }) => title)], [...rows, chanceRow(results)]);
}

const BRANCH = 'branch ';

/** One row a branch of languages: text → scene R@1 of every variant. */
export function branchTable(variants: readonly Variant[], results: readonly VariantResult[]): string {
  const branches = [...new Set(results.flatMap(({ measures }) => Object.keys(measures)))]
    .filter((name) => name.startsWith(BRANCH))
    .sort();
  const rows = branches.map((branch) => [
    branch.slice(BRANCH.length),
    ...variants.map(({ name }) => formatSpread(valuesOf(results, name, branch), 'percent')),
  ]);
  return markdown(['', ...variants.map(({ title }) => title)], rows);
}
