import type { Sample } from '../samples/sample.ts';
import type { Tally } from '../samples/tally.ts';
import type { Source } from './source.ts';

/**
 * All good samples of a source, once, in its own order: for work over a whole set such as annotating or counting.
 * Bad ones are left out and, where a tally is given, counted.
 * @throws TooManyBadSamplesError by the tally.
 * @example
 * const tally = createTally();
 * for await (const { key } of readSource(await imageFolder('photos'), tally)) console.log(key);
 * console.log(tallyText(tally.report()));
 */
export async function* readSource(
  source: Source,
  tally?: Pick<Tally, 'good' | 'bad'>,
): AsyncGenerator<Sample> {
  for await (const { sample, bad } of readsOf(source)) {
    if (bad) tally?.bad(bad);
    else {
      tally?.good(sample);
      yield sample;
    }
  }
}

async function* readsOf(source: Source) {
  if (source.kind === 'indexed') {
    for (let index = 0; index < source.size; index++) yield await source.read(index);
    return;
  }
  for (let shard = 0; shard < source.shards.length; shard++) yield* source.open(shard, 0);
}
