import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../../src/checkpoint/files/atomic.ts';
import { float16ToFloat32 } from '../../src/checkpoint/safetensors/castFloat.ts';
import {
  FILTERS,
  type FilterName,
  GROUP_OF_FILTER,
  LIMIT,
  piecesOf,
  queriesOf,
  type SearchSet,
} from './searchSet.ts';
import { WIDTH } from './vectors.ts';

/** Rows, best first, of every query, by filter. */
export type Answers = Readonly<Record<FilterName, readonly (readonly number[])[]>>;

const list = z.array(z.array(z.number()));
const schema = z.object({ none: list, '1 %': list, '10 %': list });

interface Hit {
  readonly row: number;
  readonly score: number;
}

/** The best hits so far, sorted. */
function insert(best: Hit[], row: number, score: number): void {
  if (best.length === LIMIT && score <= best.at(-1)!.score) return;
  let at = best.length;
  while (at > 0 && best[at - 1]!.score < score) at--;
  best.splice(at, 0, { row, score });
  if (best.length > LIMIT) best.pop();
}

/**
 * The right answers, by the plainest search there is: the float16 vectors one after the other, in double precision, by none
 * of the code that is measured. About a minute for a million rows; kept beside the set.
 */
export async function exactAnswers(set: SearchSet): Promise<Answers> {
  const path = join(set.folder, 'exact.json');
  if (existsSync(path)) return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  const queries = await queriesOf(set);
  const groups = await readFile(set.groups);
  const best = Object.fromEntries(FILTERS.map((filter) => [filter, queries.map((): Hit[] => [])]));
  for await (const { first, rows, values } of piecesOf(set)) {
    const wide = float16ToFloat32(values);
    for (const [q, query] of queries.entries())
      for (let row = 0; row < rows; row++) {
        const score = dot(query, wide, row * WIDTH);
        for (const filter of FILTERS)
          if (groups[first + row]! <= GROUP_OF_FILTER[filter]) insert(best[filter]![q]!, first + row, score);
      }
  }
  const answers = schema.parse(
    Object.fromEntries(
      FILTERS.map((filter) => [filter, best[filter]!.map((hits) => hits.map(({ row }) => row))]),
    ),
  );
  await writeJson(path, answers);
  return answers;
}

function dot(query: Float32Array, values: Float32Array, at: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < WIDTH; i += 4) {
    a += query[i]! * values[at + i]!;
    b += query[i + 1]! * values[at + i + 1]!;
    c += query[i + 2]! * values[at + i + 2]!;
    d += query[i + 3]! * values[at + i + 3]!;
  }
  return a + b + c + d;
}

/** Share of the right rows that were found. */
export function recall(found: readonly (readonly number[])[], right: readonly (readonly number[])[]): number {
  let [hits, all] = [0, 0];
  right.forEach((rows, q) => {
    const known = new Set(found[q]);
    hits += rows.filter((row) => known.has(row)).length;
    all += rows.length;
  });
  return hits / all;
}
