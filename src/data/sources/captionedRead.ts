import { badRead } from '../samples/badRead.ts';
import type { Read, Sample } from '../samples/sample.ts';
import type { SourceOptions } from './source.ts';

/** The sample, or that nothing is said about it. */
export const captionedRead = (sample: Sample, { keepUncaptioned }: SourceOptions): Read =>
  keepUncaptioned || sample.captions.length > 0 || sample.regions
    ? { sample }
    : badRead(sample.source, sample.key, 'missing-caption', 'has no caption that is not empty');
