import { existsSync } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAll, writeAtomic } from '../../src/checkpoint/files/atomic.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { createVectorSource, halfRows, WIDTH } from './vectors.ts';

/** Results that are asked for. */
export const LIMIT = 24;

/** Filters: none, or a group's share of the rows. The first group lies in the second. */
export const FILTERS = ['none', '1 %', '10 %'] as const;
export type FilterName = (typeof FILTERS)[number];

/** Group of a row: 0 for about one in a hundred, 1 for nine, 2 for the others. A filter takes its own and those before. */
export const GROUP_OF_FILTER: Readonly<Record<FilterName, number>> = { none: 2, '1 %': 0, '10 %': 1 };

/** Vectors and queries that every lane reads. */
export interface SearchSet {
  readonly folder: string;
  readonly count: number;
  /** [count, WIDTH], float16. */
  readonly vectors: string;
  /** [queries, WIDTH], float32. */
  readonly queries: string;
  /** [count], a byte each. */
  readonly groups: string;
}

const SEED = 20_252;
/** Increased when other vectors are made. */
const EDITION = 1;
export const QUERIES = 50;
const PIECE = 8192;

const setIn = (folder: string, count: number): SearchSet => ({
  folder,
  count,
  vectors: join(folder, 'vectors.f16'),
  queries: join(folder, 'queries.f32'),
  groups: join(folder, 'groups.u8'),
});

/** The set of a folder that was prepared. */
export async function openSet(folder: string): Promise<SearchSet> {
  const groups = await readFile(join(folder, 'groups.u8'));
  return setIn(folder, groups.length);
}

/** Makes the files of a set, where they are not there yet. */
export async function prepareSet(cache: string, count: number): Promise<SearchSet> {
  const folder = join(cache, `${count}-${EDITION}`);
  const set = setIn(folder, count);
  // The last that is written.
  if (existsSync(set.groups)) return set;
  await mkdir(folder, { recursive: true });
  const source = createVectorSource(SEED);
  const queries = Float32Array.from(source.queries(QUERIES).flatMap((query) => [...query]));
  await writeFile(set.queries, new Uint8Array(queries.buffer));
  await writeAtomic(set.vectors, async (file) => {
    for (let row = 0; row < count; row += PIECE) {
      const rows = halfRows(source, Math.min(PIECE, count - row));
      await writeAll(file, new Uint8Array(rows.buffer));
    }
  });
  const random = createRandom(SEED, 'groups');
  const groups = Uint8Array.from({ length: count }, () => {
    const share = random.next();
    return share < 0.01 ? 0 : share < 0.1 ? 1 : 2;
  });
  await writeFile(set.groups, groups);
  return set;
}

/** A set's queries, one after the other. */
export async function queriesOf({ queries }: SearchSet): Promise<Float32Array[]> {
  const bytes = await readFile(queries);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  return Array.from({ length: QUERIES }, (_, i) => all.slice(i * WIDTH, (i + 1) * WIDTH));
}

/** A set's vectors, piece by piece. */
export async function* piecesOf({
  vectors,
  count,
}: SearchSet): AsyncGenerator<{ first: number; rows: number; values: Uint16Array }> {
  const file = await open(vectors);
  try {
    for (let first = 0; first < count; first += PIECE) {
      const rows = Math.min(PIECE, count - first);
      const values = new Uint16Array(rows * WIDTH);
      await file.read(new Uint8Array(values.buffer), 0, values.byteLength, first * WIDTH * 2);
      yield { first, rows, values };
    }
  } finally {
    await file.close();
  }
}
