import type { Recall } from '../../evaluate/metrics/recall.ts';
import type { DescribedResult } from '../../evaluate/tasks/described.ts';
import { type CliIo, print } from '../support/io.ts';

const percent = (value: number): string => (100 * value).toFixed(1).padStart(6);
const recalls = ({ at1, at5, at10 }: Recall): string => [at1, at5, at10].map(percent).join(' ');

const line = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(24)}${cells.map((cell) => cell.padStart(22)).join('')}`;

/** Results before and after, side by side, in percent. */
export function printBeforeAfter(io: CliIo, before: DescribedResult, after: DescribedResult): void {
  print(io, line('held out, %', ['before', 'after', 'chance']));
  if (before.kind === 'captions' && after.kind === 'captions') {
    for (const [name, key] of [
      ['text → image R@1/5/10', 'textToImage'],
      ['image → text R@1/5/10', 'imageToText'],
    ] as const)
      print(io, line(name, [before[key], after[key], before.chance[key]].map(recalls)));
    return;
  }
  if (before.kind !== 'classes' || after.kind !== 'classes') return;
  print(
    io,
    line(`top-1 (${before.images} images)`, [before.top1, after.top1, before.chance.top1].map(percent)),
  );
  before.perClass.forEach(({ name, images, top1 }, i) => {
    print(io, line(`  ${name} (${images})`, [top1, after.perClass[i]!.top1].map(percent)));
  });
}
