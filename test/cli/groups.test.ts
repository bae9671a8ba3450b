import { expect, test } from 'vitest';
import type { CliIo } from '../../src/cli/support/io.ts';
import { print } from '../../src/cli/support/io.ts';
import { embedInGroups, inGroups } from '../../src/cli/support/model.ts';
import { float32 } from '../../src/tensor/index.ts';

/** A terminal that shows results and progress on one screen. */
function screen(): { readonly io: CliIo; readonly shown: () => string } {
  let text = '';
  const stream = {
    isTTY: true,
    columns: 80,
    write: (part: string) => {
      text += part;
    },
  };
  const stdin = (async function* (): AsyncGenerator<string> {})();
  return { io: { stdout: stream, stderr: stream, stdin, onInterrupt: () => () => {} }, shown: () => text };
}

test('results of a group start on a line of their own: the bar is removed before', async () => {
  const { io, shown } = screen();
  const groups: (readonly number[])[] = [];
  await inGroups(io, 'numbers', [1, 2, 3, 4, 5], 2, async (group) => {
    groups.push(group);
    return () => print(io, `result ${group.join()}`);
  });
  expect(groups).toEqual([[1, 2], [3, 4], [5]]);
  expect(shown()).toContain('numbers');
  for (const group of groups) expect(shown()).toContain(`\r\u001b[2Kresult ${group.join()}\n`);
});

test('embeds in groups and keeps the order', async () => {
  const sizes: number[] = [];
  const table = await embedInGroups(screen().io, 'numbers', [1, 2, 3, 4, 5], 2, 2, async (group) => {
    sizes.push(group.length);
    return float32(
      [group.length, 2],
      group.flatMap((n) => [n, -n]),
    );
  });
  expect(sizes).toEqual([2, 2, 1]);
  expect(table.shape).toEqual([5, 2]);
  expect([...table.data]).toEqual([1, -1, 2, -2, 3, -3, 4, -4, 5, -5]);
});
