import { existsSync } from 'node:fs';
import { EMBEDDED_MODEL } from '../src/encoder/embeddedModel.ts';
import { load } from '../src/encoder/load.ts';
import { alternate } from './alternate.ts';
import type { RowResult } from './result.ts';
import type { Context } from './sideBySide.ts';
import { median } from './stats.ts';

const QUERIES = ['a cat', 'sonnige Wolke', '誕生日ケーキ', 'تفاحة حمراء'];

/** One text query on the embedded model, tokenizing included, where that model is there. */
export async function queryRows({ sizes, threads }: Context): Promise<RowResult[]> {
  if (!existsSync(EMBEDDED_MODEL)) return [];
  const encoder = await load(EMBEDDED_MODEL, { threads });
  let count = 0;
  const run = async () => {
    const start = performance.now();
    await encoder.embedTexts([QUERIES[count++ % QUERIES.length]!]);
    return performance.now() - start;
  };
  const costs = (await alternate([{ name: 'ours', run, repeats: 20 }], sizes.rounds.run)).get('ours')!;
  await encoder.dispose();
  return [
    {
      id: 'query',
      title: 'One text query on the embedded model',
      unit: 'ms',
      lanes: [{ engine: 'ours', costs: [...costs], value: median(costs) }],
    },
  ];
}
