import type { ImageSource } from '../../input/image/imageSource.ts';
import {
  check,
  listOf,
  object,
  optional,
  type Rules,
  settings as settingsOf,
  text,
} from '../../tensor/settings.ts';
import type { Caption, Region } from '../samples/sample.ts';
import type { Detector } from './detector.ts';
import { type KeepSettings, keepDetections } from './keepRules.ts';
import { captionQueries, type QuerySettings } from './queries.ts';

export interface AnnotateSettings {
  readonly queries?: Partial<QuerySettings>;
  /**
   * Names to look for in every picture, besides what its captions say. The paper uses the object categories of PaLI
   * (§2.2), a list that is not public. Default: none.
   */
  readonly categories?: readonly string[];
  readonly keep?: Partial<KeepSettings>;
}

/** The rule of each field, for options that have them among others. */
export const annotateRules: Rules<AnnotateSettings> = {
  // Completed, and then checked, where they are used.
  queries: optional(object('an object with settings')),
  categories: optional(listOf(text)),
  keep: optional(object('an object with settings')),
};

const annotateSchema = settingsOf<AnnotateSettings>(annotateRules);

/** What to look for, each with the language of the first caption that says it. */
function queriesOf(captions: readonly Caption[], { queries, categories = [] }: AnnotateSettings) {
  const languages = new Map<string, string | undefined>();
  const add = (query: string, language?: string) => {
    if (!languages.has(query)) languages.set(query, language);
  };
  for (const { text, language } of captions)
    for (const query of captionQueries(text, queries)) add(query, language);
  for (const category of categories) add(category);
  return languages;
}

/**
 * Boxes and names for one captioned image, to train a decoder on referring expressions and grounded captions (paper
 * §2.2): n-grams of the captions and the categories are looked for, and what is found surely enough is kept.
 * @returns regions with the detector's score, best first
 * @example
 * const regions = await annotate('park.jpg', [{ text: 'a dog beside a bicycle' }], heatmapDetector(await load()));
 * for (const { text, box } of regions) console.log(text, box);
 */
export async function annotate(
  image: ImageSource,
  captions: readonly Caption[],
  detector: Detector,
  settings: AnnotateSettings = {},
): Promise<Region[]> {
  check('annotate', annotateSchema, settings);
  const queries = queriesOf(captions, settings);
  if (queries.size === 0) return [];
  const detections = await detector.detect(image, [...queries.keys()]);
  return keepDetections(detections, settings.keep).map(({ box, query, score }) => {
    const language = queries.get(query);
    return { box, text: query, ...(language !== undefined && { language }), score };
  });
}
