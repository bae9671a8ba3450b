import type { BadSample, Sample } from '../data/sample.ts';
import { readSource } from '../data/sources/readSource.ts';
import type { Source } from '../data/sources/source.ts';
import type { CliIo } from './io.ts';
import { note } from './io.ts';

/** The samples of a source from its start, in its order; bad ones are told of and left out. */
export const samplesOf = (source: Source, onBad: (bad: BadSample) => void): AsyncGenerator<Sample> =>
  readSource(source, { good() {}, bad: onBad });

/** Counts bad samples and shows the first ones. */
export interface BadCount {
  readonly onBad: (bad: BadSample) => void;
  count(): number;
}

const SHOWN = 10;

export function badCount(io: CliIo): BadCount {
  let count = 0;
  return {
    onBad({ key, source, reason, detail }) {
      count++;
      if (count <= SHOWN) note(io, `siglip2: ${source}: ${key} is left out: ${reason}: ${detail}`);
      if (count === SHOWN + 1) note(io, 'siglip2: more samples are left out');
    },
    count: () => count,
  };
}
