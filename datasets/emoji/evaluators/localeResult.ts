import type { Recall } from '../../../src/evaluate/index.ts';

/** Retrieval among one set's pictures in one locale. */
export interface LocaleResult {
  readonly locale: string;
  readonly textToImage: Recall;
  readonly imageToText: Recall;
}
