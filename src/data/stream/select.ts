import type { Sample } from '../sample.ts';
import type { Position, SampleStream, StreamItem } from './stream.ts';

/**
 * A view of a stream: what `choose` returns for each sample, nothing where it returns undefined. It reads all that it
 * passes over, but decodes nothing. Bad reads pass through.
 * @param name says what is chosen, and with which settings: it is part of the stream's identity.
 * @throws Error (while reading) when nothing fits in a whole pass over the data.
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
      // From the next pass on, a whole one has gone by.
      if (item.epoch > found + 1)
        throw new Error(
          `none of the samples is ${name}, in a whole pass over ${JSON.stringify(stream.identity)}.`,
        );
      const chosen = item.sample && choose(item.sample);
      if (chosen) found = item.epoch;
      if (item.bad) yield item;
      else if (chosen) yield { sample: chosen, next: item.next, epoch: item.epoch };
    }
  }
  return { identity: { select: name, of: stream.identity }, from };
}
