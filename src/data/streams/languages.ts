import type { Sample } from '../samples/sample.ts';
import { mixture } from './mixture.ts';
import { select } from './select.ts';
import type { SampleStream } from './stream.ts';

export interface LanguageMixture {
  /** Share of samples with an English caption, 0 … 1. */
  readonly english: number;
  /** What a caption without a stated language counts as. */
  readonly unknown: 'english' | 'other';
}

/**
 * 90 % English, 10 % other languages: SigLIP 2 §2.1, after the "No Filter" recommendation. The paper
 * goes by the page's language. What counts as English when nobody said is our choice: a source can state its language.
 */
export const PAPER_LANGUAGES: LanguageMixture = { english: 0.9, unknown: 'other' };

/** `en`, `en-GB`, `eng`, `English`. */
export const isEnglish = (language: string): boolean => /^(en|eng|english)([-_]|$)/i.test(language);

/**
 * A stream in a fixed mixture of languages: two views of it, of which each reads through the data at its own pace, so
 * that both shares are exact and nothing is dropped or held back. The price is that the data is read about twice (but
 * only what is used is decoded). A sample keeps the captions of the side on which it is drawn; one with captions of
 * both sides is on both.
 * @throws RangeError when the share is not between 0 and 1.
 * @example
 * const stream = languageMixture(sampleStream(await webdataset('data/*.tar'), { seed: 0 }));
 */
export function languageMixture(
  stream: SampleStream,
  settings: LanguageMixture = PAPER_LANGUAGES,
): SampleStream {
  const { english, unknown } = settings;
  if (!(english >= 0 && english <= 1))
    throw new RangeError(`the share of English is ${english}; it must be between 0 and 1`);
  const sideOf = (language?: string) => (language ? (isEnglish(language) ? 'english' : 'other') : unknown);
  const view = (side: 'english' | 'other') =>
    select(
      stream,
      `captioned in ${side === 'english' ? 'English' : 'another language'} (unknown: ${unknown})`,
      (sample) => withCaptions(sample, (language) => sideOf(language) === side),
    );
  const parts = [
    { stream: view('english'), weight: english },
    { stream: view('other'), weight: 1 - english },
  ];
  return mixture(parts.filter(({ weight }) => weight > 0));
}

/** The sample with the captions that fit, if any. */
function withCaptions(sample: Sample, fits: (language?: string) => boolean): Sample | undefined {
  const captions = sample.captions.filter(({ language }) => fits(language));
  return captions.length > 0 ? { ...sample, captions } : undefined;
}
