import {
  chanceRecall,
  createSimilarity,
  meanRecall,
  type Recall,
  ranks,
  recall,
  type SimilarityEngine,
} from '../../../src/evaluate/index.ts';
import type { Encoder } from '../../../src/index.ts';
import { takeRows } from '../../../src/tensor/index.ts';
import type { EmojiDataset } from '../dataset.ts';
import type { Style } from '../drawings/styles.ts';
import type { EvaluationSet } from '../evaluationSets.ts';
import { embedLocale, embedStyle, type LocaleTexts, type StyleDrawings } from './embedEmoji.ts';
import type { LocaleResult } from './localeResult.ts';

export interface EmojiSetResult {
  readonly set: string;
  readonly description: string;
  /** Pictures that are ranked. */
  readonly candidates: number;
  readonly locales: readonly LocaleResult[];
  /** Means over locales. */
  readonly textToImage: Recall;
  readonly imageToText: Recall;
  readonly chance: Recall;
}

export interface EmojiEvaluationOptions {
  /** Names of evaluation sets, or prefixes of names. Default: all. */
  readonly sets?: readonly string[];
  /** Default: all that a set has. */
  readonly locales?: readonly string[];
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

/** The concepts whose pictures any of some sets ranks, ascending. */
const candidatesOf = (sets: readonly EvaluationSet[]): number[] =>
  [...new Set(sets.flatMap(({ candidates }) => candidates))].sort((a, b) => a - b);

async function evaluateLocale(
  engine: SimilarityEngine,
  dataset: EmojiDataset,
  set: EvaluationSet,
  locale: string,
  texts: LocaleTexts,
  drawings: StyleDrawings,
): Promise<LocaleResult> {
  const targets = dataset.queries(set, locale);
  const picturesOf = (concepts: readonly number[]) =>
    takeRows(
      drawings.embeddings,
      concepts.map((concept) => drawings.rowOf.get(concept)!),
    );
  const pictures = picturesOf(set.candidates);
  const pictureClasses = set.candidates.map((concept) => drawings.classes[concept]!);
  const queryRows = targets.map((concept) => texts.rowOf.get(concept)!);
  const textToImage = ranks(
    await engine.similarities(takeRows(texts.embeddings, queryRows), pictures),
    targets.map((concept) => drawings.classes[concept]!),
    pictureClasses,
  );
  // The other way round the candidates are the names of the set's pictures.
  const named = set.candidates.filter((concept) => texts.rowOf.has(concept));
  const nameRows = named.map((concept) => texts.rowOf.get(concept)!);
  const imageToText = ranks(
    await engine.similarities(picturesOf(targets), takeRows(texts.embeddings, nameRows)),
    queryRows.map((row) => texts.classes[row]!),
    nameRows.map((row) => texts.classes[row]!),
  );
  return { locale, textToImage: recall(textToImage), imageToText: recall(imageToText) };
}

function summarize(set: EvaluationSet, locales: readonly LocaleResult[]): EmojiSetResult {
  const textToImage = meanRecall(locales.map((one) => one.textToImage));
  return {
    set: set.name,
    description: set.description,
    candidates: set.candidates.length,
    locales,
    textToImage,
    imageToText: meanRecall(locales.map((one) => one.imageToText)),
    chance: chanceRecall(textToImage.queries, set.candidates.length),
  };
}

/**
 * Image–text retrieval on the emoji data: recall@1/5/10 both ways, per locale, on every evaluation set
 * (seen and held-out concepts, styles and locales). Equal drawings and equal names count as one answer. Only what the
 * chosen sets rank is embedded.
 * @throws Error when a set or a locale does not exist.
 */
export async function evaluateEmoji(
  encoder: Encoder,
  dataset: EmojiDataset,
  options: EmojiEvaluationOptions = {},
): Promise<EmojiSetResult[]> {
  const sets = chooseSets(dataset, options);
  const engine = await createSimilarity(encoder.width);
  try {
    const drawings = new Map<Style, StyleDrawings>();
    const styles = [...new Set(sets.map((set) => set.style))];
    const locales = [...new Set(sets.flatMap((set) => set.locales))];
    const total = styles.length + locales.length;
    for (const [i, style] of styles.entries()) {
      options.onProgress?.(i, total, `${style} drawings`);
      const asked = candidatesOf(sets.filter((set) => set.style === style));
      drawings.set(style, await embedStyle(encoder, dataset, style, asked));
    }
    const results = new Map<EvaluationSet, LocaleResult[]>(sets.map((set) => [set, []]));
    for (const [i, locale] of locales.entries()) {
      options.onProgress?.(styles.length + i, total, locale);
      const asking = sets.filter((one) => one.locales.includes(locale));
      const texts = await embedLocale(encoder, dataset, locale, candidatesOf(asking));
      for (const set of asking) {
        const result = await evaluateLocale(engine, dataset, set, locale, texts, drawings.get(set.style)!);
        if (result.textToImage.queries > 0) results.get(set)!.push(result);
      }
    }
    options.onProgress?.(total, total, 'done');
    return sets.map((set) => summarize(set, results.get(set)!));
  } finally {
    await engine.dispose();
  }
}

function chooseSets(dataset: EmojiDataset, { sets, locales }: EmojiEvaluationOptions): EvaluationSet[] {
  const all = dataset.evaluationSets;
  const unknown = sets?.find((name) => !all.some((set) => set.name.startsWith(name)));
  if (unknown !== undefined) {
    throw new Error(
      `there is no evaluation set '${unknown}'; there are ${all.map((set) => set.name).join(', ')}`,
    );
  }
  const missing = locales?.find((locale) => !dataset.locales.some(({ id }) => id === locale));
  if (missing !== undefined) throw new Error(`the emoji data has no locale '${missing}'`);
  const wanted = (set: EvaluationSet) => !sets || sets.some((name) => set.name.startsWith(name));
  return all
    .filter(wanted)
    .map((set) => ({ ...set, locales: set.locales.filter((locale) => !locales || locales.includes(locale)) }))
    .filter((set) => set.locales.length > 0);
}
