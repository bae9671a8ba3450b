import { expect, test } from 'vitest';
import { recall } from '../../bench/search/exact.ts';
import { percentile, searchTable } from '../../bench/search/table.ts';

test('the table has times and recall, or why there are none', () => {
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
  expect(recall([[1, 2], [3]], [[1, 9], [3]])).toBeCloseTo(2 / 3);
  const searches = { none: { times: [1, 2, 300], rows: [[1, 2]] } };
  const result = { build: 1, open: 0.01, disk: 2 ** 20, memory: 0, searches };
  const table = searchTable(
    5000,
    [
      { name: 'a', result },
      { name: 'b', missing: 'no server' },
    ],
    {
      none: [[1, 3]],
      '1 %': [],
      '10 %': [],
    },
  );
  expect(table).toContain('| a | 1.0 | 0.010 | 1 | – | 2.0 / 300, 0.500 | – | – |');
  expect(table).toContain('| b | no server |  |  |  |  |  |  |');
});
