import type { ImageSource } from '../../encoder.ts';
import type { Detector } from './detector.ts';
import { type KeepSettings, keepDetections } from './keepRules.ts';
import type { NamedBox } from './knownBoxes.ts';
import { captionQueries, type QuerySettings } from './queries.ts';

export interface AnnotateSettings {
  readonly queries?: Partial<QuerySettings>;
  /**
   * Names to look for in every picture, besides what its caption says. The paper uses the object categories of PaLI
   * (§2.2), a list that is not public. Default: none.
   */
  readonly categories?: readonly string[];
  readonly keep?: Partial<KeepSettings>;
}

/** A part of an image with a pseudo-label. */
export interface Region extends NamedBox {
  /** The detector's score, 0 … 1. */
  readonly score: number;
}

/**
 * Boxes and names for one captioned image, to train a decoder on referring expressions and grounded captions (paper
 * §2.2, SPEC A.10): n-grams of the caption and the categories are looked for, and what is found surely enough is kept.
 */
export async function annotate(
  image: ImageSource,
  caption: string,
  detector: Detector,
  settings: AnnotateSettings = {},
): Promise<Region[]> {
  const queries = [
    ...new Set([...captionQueries(caption, settings.queries), ...(settings.categories ?? [])]),
  ];
  if (queries.length === 0) return [];
  const detections = await detector.detect(image, queries);
  return keepDetections(detections, settings.keep).map(({ box, query, score }) => ({
    box,
    text: query,
    score,
  }));
}
