import type { Evaluation, Evaluator } from '../../evaluate/evaluator.ts';
import { type CliIo, print, printJson } from '../support/io.ts';
import { dataOf, optionsOf } from './taskOptions.ts';

/** Of everything that `evaluate --json` writes. */
export const JSON_VERSION = 1;

/** One line of `--json`: the fields in a fixed order, those of ours alone. */
export function printEvaluation(io: CliIo, task: string, found: Evaluation): void {
  const { metric, value, interval, chance, count, lowerIsBetter } = found;
  printJson(io, { version: JSON_VERSION, task, metric, value, interval, chance, count, lowerIsBetter });
}

const number = (value: number): string => String(Number(value.toPrecision(4)));

const HEADS = ['metric', 'value', '95 % interval', 'chance', 'count'] as const;

const cellsOf = ({ metric, value, interval, chance, count }: Evaluation): string[] => [
  metric,
  number(value),
  interval ? interval.map(number).join(' – ') : '',
  chance === undefined ? '' : number(chance),
  String(count),
];

/** All numbers of a task as a table: names to the left, numbers to the right. */
export function printTable(io: CliIo, all: readonly Evaluation[]): void {
  const rows = [[...HEADS], ...all.map(cellsOf)];
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    print(io, cells.join('  ').trimEnd());
  }
}

const DATA = { none: 'reads no --data', optional: '--data may be given', needed: 'needs --data' } as const;

/** What tasks there are, and what each takes. */
export function printList(io: CliIo, all: readonly Evaluator[], json: boolean): void {
  for (const one of all) {
    const { name, description } = one;
    const options = optionsOf(one);
    if (json) {
      printJson(io, { version: JSON_VERSION, task: name, description, data: dataOf(one), options });
      continue;
    }
    print(io, `${name}: ${description} (${DATA[dataOf(one)]})`);
    for (const option of options) print(io, `  --with ${option.name}=…  ${option.description}`);
  }
}
