import { badRead } from '../../../src/data/samples/badRead.ts';
import type { Read, Sample } from '../../../src/data/samples/sample.ts';
import type { IndexedSource, ShardedSource } from '../../../src/data/sources/source.ts';
import { rgbImage } from '../../../src/input/image/rgbImage.ts';

export const sampleOf = (source: string, key: string, language?: string): Sample => ({
  key,
  source,
  image: rgbImage(2, 2, new Uint8Array(12).fill(key.length * 7)),
  captions: [{ text: `caption of ${key}`, ...(language && { language }) }],
});

/** Reads named 0, 1, …; each `badEvery`-th is bad, each `otherEvery`-th is captioned in German, the rest in English. */
function readOf(source: string, index: number, { badEvery, otherEvery }: Pattern): Read {
  const key = `${source}${index}`;
  if (badEvery && index % badEvery === 0) return badRead(source, key, 'unreadable', 'made bad');
  return { sample: sampleOf(source, key, otherEvery && index % otherEvery === 0 ? 'de' : 'en') };
}

interface Pattern {
  readonly badEvery?: number;
  readonly otherEvery?: number;
}

export const indexedOf = (name: string, size: number, pattern: Pattern = {}): IndexedSource => ({
  kind: 'indexed',
  name,
  size,
  read: async (index) => readOf(name, index, pattern),
});

/** Shards of the given sizes. `opened` counts those that are open. */
export function shardsOf(name: string, sizes: readonly number[], pattern: Pattern = {}) {
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  const counts = { open: 0, reads: 0 };
  const source: ShardedSource = {
    kind: 'sharded',
    name,
    shards: sizes.map((_, i) => `${name}-${i}`),
    async *open(shard, place) {
      counts.open++;
      try {
        for (let i = place; i < sizes[shard]!; i++) {
          counts.reads++;
          yield { ...readOf(name, starts[shard]! + i, pattern), next: i + 1 };
        }
      } finally {
        counts.open--;
      }
    },
  };
  return { source, counts };
}

export const nameOf = ({ sample, bad }: Read): string => sample?.key ?? `bad ${bad!.key}`;
