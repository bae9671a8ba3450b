import { createRandom, type Random } from '../../src/tensor/index.ts';
import type { Style } from './drawings/styles.ts';
import { canonicalText } from './texts/annotations.ts';
import type { LocaleTexts } from './texts/texts.ts';

/** One training pair: the picture of `concept` in `style` and a text that describes it. */
export interface TrainItem {
  /** Index into the data set's concepts. */
  readonly concept: number;
  readonly locale: string;
  readonly style: Style;
  readonly text: string;
}

export interface SamplerOptions {
  readonly seed: number;
  readonly batchSize: number;
  /** Relative frequency by locale; a locale that is not named has 1, one with 0 never comes. */
  readonly localeWeights?: Readonly<Record<string, number>>;
  /** Chance that a text is made of keywords instead of the name; 0 … 1. Default 0. */
  readonly keywordProbability?: number;
  /** A keyword text joins 1 … this many keywords with commas. Default 3. */
  readonly maxKeywords?: number;
  /** Share of the skin-tone variants that each epoch takes (another draw each epoch); 0 … 1. Default 1. */
  readonly skinToneFraction?: number;
}

/** An endless, seekable stream of batches: batch `step` is a pure function of the options and `step`. */
export interface TrainSampler {
  /** Batches in one epoch; the remainder of fewer than `batchSize` concepts waits for another epoch's order. */
  readonly batchesPerEpoch: number;
  batchAt(step: number): TrainItem[];
}

export interface SamplerSource {
  /** Concept indices of the training split. */
  readonly concepts: readonly {
    readonly index: number;
    readonly skinTone: boolean;
  }[];
  /** Training texts by locale (see texts.ts). */
  readonly texts: ReadonlyMap<string, LocaleTexts>;
  /** The styles in which a concept may be shown. A concept without one is never shown. */
  stylesOf(concept: number): readonly Style[];
}

/** Redraws of locale and text, before a text that another item of the batch has too is accepted. */
const TEXT_ATTEMPTS = 8;

function checkShare(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} is ${value}; it must be between 0 and 1`);
}

/** A function that draws a locale with the given weights. */
function weightedLocale(
  locales: readonly string[],
  weights: Readonly<Record<string, number>>,
): (random: Random) => string {
  for (const [locale, weight] of Object.entries(weights)) {
    if (!locales.includes(locale))
      throw new Error(`localeWeights names '${locale}', which is not trained on`);
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw new RangeError(
        `localeWeights['${locale}'] is ${weight}; it must be a finite number of at least 0`,
      );
    }
  }
  let total = 0;
  const ends = locales.map((locale) => {
    total += weights[locale] ?? 1;
    return total;
  });
  if (total === 0)
    throw new RangeError('localeWeights are all 0; at least one locale needs a positive weight');
  return (random) => {
    const at = random.next() * total;
    return locales[ends.findIndex((end) => at < end)]!;
  };
}

function keywordText(keywords: readonly string[], random: Random, maxKeywords: number): string {
  const count = Math.min(keywords.length, 1 + random.int(maxKeywords));
  return Array.from(random.permutation(keywords.length).subarray(0, count), (i) => keywords[i]!).join(', ');
}

/**
 * Makes the training stream. Each epoch is a new order of the training concepts; a batch has each concept at most
 * once, since a second one would be a false negative of the pairwise loss, and repeats no text as far as eight
 * redraws can avoid it. Locale, style and text are drawn independently for each item.
 * Throws if the batch is larger than an epoch, or an option is out of range.
 */
export function createTrainSampler(source: SamplerSource, options: SamplerOptions): TrainSampler {
  const { seed, batchSize, localeWeights = {}, keywordProbability = 0, maxKeywords = 3 } = options;
  const { skinToneFraction = 1 } = options;
  checkShare('keywordProbability', keywordProbability);
  checkShare('skinToneFraction', skinToneFraction);
  if (!Number.isInteger(maxKeywords) || maxKeywords < 1) {
    throw new RangeError(`maxKeywords is ${maxKeywords}; it must be a positive integer`);
  }
  const drawLocale = weightedLocale([...source.texts.keys()], localeWeights);
  const weighted = [...source.texts].filter(([locale]) => (localeWeights[locale] ?? 1) > 0);
  const named = source.concepts.filter(
    ({ index }) =>
      source.stylesOf(index).length > 0 && weighted.some(([, texts]) => texts.names[index] !== undefined),
  );
  const plain = named.filter((concept) => !concept.skinTone).map((concept) => concept.index);
  const toned = named.filter((concept) => concept.skinTone).map((concept) => concept.index);
  const tonedPerEpoch = Math.round(toned.length * skinToneFraction);
  const batchesPerEpoch = Math.floor((plain.length + tonedPerEpoch) / batchSize);
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchesPerEpoch < 1) {
    throw new RangeError(
      `batchSize is ${batchSize}; it must be an integer from 1 to the epoch's ${plain.length + tonedPerEpoch} concepts`,
    );
  }

  let cached = { epoch: -1, order: [] as number[] };
  function orderOf(epoch: number): number[] {
    if (cached.epoch !== epoch) {
      const random = createRandom(seed, 'emoji', 'epoch', epoch);
      const chosen = random.shuffle([...toned]).slice(0, tonedPerEpoch);
      cached = { epoch, order: random.shuffle([...plain, ...chosen]) };
    }
    return cached.order;
  }

  /** A locale that names the concept, and a text in it. */
  function drawText(concept: number, random: Random): { locale: string; text: string } {
    for (;;) {
      const locale = drawLocale(random);
      const texts = source.texts.get(locale)!;
      const name = texts.names[concept];
      const keywords = texts.keywords[concept]!;
      if (keywords.length > 0 && random.next() < keywordProbability) {
        return { locale, text: keywordText(keywords, random, maxKeywords) };
      }
      if (name !== undefined) return { locale, text: name };
    }
  }

  function batchAt(step: number): TrainItem[] {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(`step is ${step}; it must be a non-negative integer`);
    }
    const order = orderOf(Math.floor(step / batchesPerEpoch));
    const first = (step % batchesPerEpoch) * batchSize;
    const used = new Set<string>();
    return order.slice(first, first + batchSize).map((concept, slot) => {
      const random = createRandom(seed, 'emoji', 'item', step, slot);
      const style = random.pick(source.stylesOf(concept));
      let drawn = drawText(concept, random);
      for (let i = 0; i < TEXT_ATTEMPTS && used.has(canonicalText(drawn.text)); i++) {
        drawn = drawText(concept, random);
      }
      used.add(canonicalText(drawn.text));
      return { concept, style, ...drawn };
    });
  }

  return { batchesPerEpoch, batchAt };
}
