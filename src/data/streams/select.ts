import type { Sample } from '../samples/sample.ts';
import type { Position, SampleStream, StreamItem } from './stream.ts';

/**
 * Passes without anything that fits after which there is nothing. One is not enough for a mixture: it counts the passes
 * of the part that has gone round least often, and the part that holds what fits may be ahead of that one, and have it at
 * the beginning of one pass and at the end of the next.
 */
const EMPTY_PASSES = 4;

/**
 * A view of a stream: what `choose` returns for each sample, nothing where it returns undefined. It reads all that it
 * passes over, but decodes nothing. Bad reads pass through.
 * @param name says what is chosen, and with which settings: it is part of the stream's identity.
 * @throws Error (while reading) when nothing fits in several whole passes over the data.
 * @example
 * const stream = sampleStream(await imageFolder('photos'), { seed: 0 });
 * const captioned = select(stream, 'captioned', (sample) => (sample.captions.length > 0 ? sample : undefined));
 */
export function select(
  stream: SampleStream,
  name: string,
  choose: (sample: Sample) => Sample | undefined,
): SampleStream {
  async function* from(position?: Position): AsyncGenerator<StreamItem> {
    let found: number | undefined;
    for await (const item of stream.from(position)) {
      found ??= item.epoch;
      const chosen = item.sample && choose(item.sample);
      if (chosen) found = item.epoch;
      if (item.epoch > found + EMPTY_PASSES)
        throw new Error(
          `none of the samples is ${name}, in ${EMPTY_PASSES} whole passes over ${JSON.stringify(stream.identity)}.`,
        );
      if (item.bad) yield item;
      else if (chosen) yield { sample: chosen, next: item.next, epoch: item.epoch };
    }
  }
  return { identity: { select: name, of: stream.identity }, from };
}
