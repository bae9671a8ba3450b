import type { Concept, EmojiCounts, EmojiLocale, EmojiTexts, EmojiTextsOptions } from './dataset.ts';
import { chooseStyles } from './drawings/chosenStyles.ts';
import { type DrawnEmoji, listDrawnEmoji } from './drawings/drawings.ts';
import { drawnBy, drawsGender, type Style } from './drawings/styles.ts';
import { evaluationSets } from './evaluationSets.ts';
import { createTrainSampler } from './sampler.ts';
import { holdOutConcepts, holdOutLocales } from './split.ts';
import { canonicalText, readLocales } from './texts/annotations.ts';
import { describeLocale } from './texts/languages.ts';
import { familyOf } from './texts/sequence.ts';
import { type LocaleTexts, textsByConcept, trainTexts } from './texts/texts.ts';

const DEFAULT_MINIMUM_NAMES = 3000;

async function selectEmoji(only: readonly string[] | undefined): Promise<DrawnEmoji[]> {
  const drawn = await listDrawnEmoji();
  if (only === undefined) return drawn;
  const unknown = only.find((id) => !drawn.some((emoji) => emoji.id === id));
  if (unknown !== undefined)
    throw new Error(`only names '${unknown}', which the four styles do not all draw`);
  return drawn.filter((emoji) => only.includes(emoji.id));
}

/** Names and keywords of every locale that names enough of the emoji; English is always among them. */
async function readTexts(
  ids: readonly string[],
  { minimumNames = DEFAULT_MINIMUM_NAMES, locales }: EmojiTextsOptions,
): Promise<{ readonly all: ReadonlyMap<string, LocaleTexts>; readonly english: LocaleTexts }> {
  const annotations = await readLocales(ids, minimumNames, locales);
  const all = new Map(annotations.map((one) => [one.locale, textsByConcept(one, ids)]));
  const english = all.get('en');
  if (english === undefined)
    throw new Error(
      `English names fewer than ${minimumNames} of ${ids.length} emoji, or is not among the locales; lower minimumNames or add 'en'`,
    );
  return { all, english };
}

const toConcept = (
  emoji: DrawnEmoji,
  index: number,
  englishName: string | undefined,
  isHeldOut: boolean,
): Concept => ({
  ...emoji,
  index,
  codepoints: Array.from(emoji.emoji, (character) => character.codePointAt(0)!),
  englishName: englishName ?? emoji.id,
  family: familyOf(emoji.id),
  split: isHeldOut ? 'heldOut' : 'train',
});

function countTexts(texts: Iterable<LocaleTexts>): { names: number; keywords: number } {
  const total = { names: 0, keywords: 0 };
  for (const { names, keywords } of texts) {
    total.names += names.filter((name) => name !== undefined).length;
    total.keywords += keywords.reduce((sum, words) => sum + words.length, 0);
  }
  return total;
}

function countAll(
  concepts: readonly Concept[],
  all: ReadonlyMap<string, LocaleTexts>,
  train: ReturnType<typeof trainTexts>,
): EmojiCounts {
  const heldOut = concepts.filter((concept) => concept.split === 'heldOut');
  const trained = countTexts(train.byLocale.values());
  return {
    concepts: concepts.length,
    skinToneConcepts: concepts.filter((concept) => concept.skinTone).length,
    heldOutConcepts: heldOut.length,
    heldOutSkinToneConcepts: heldOut.filter((concept) => concept.skinTone).length,
    locales: all.size,
    ...countTexts(all.values()),
    trainNames: trained.names,
    trainKeywords: trained.keywords,
    droppedNames: train.droppedNames,
    droppedKeywords: train.droppedKeywords,
  };
}

/** By concept, the styles in which training may show it. */
function stylesByConcept(
  concepts: readonly Concept[],
  { trainStyles, heldOutStyle, draws }: Awaited<ReturnType<typeof chooseStyles>>,
): readonly (readonly Style[])[] {
  const known = new Set(concepts.map(({ id }) => id));
  return concepts.map((concept) =>
    trainStyles.filter(
      (style) =>
        draws(style, concept.id) &&
        drawnBy(style, concept) !== heldOutStyle &&
        !drawsGender(style, concept.id, (id) => known.has(id)),
    ),
  );
}

/**
 * Reads names and keywords and splits them; rasterises nothing. A few seconds.
 * @throws Error that names the package and the install command if one of the source packages is absent
 */
export async function buildEmojiTexts(options: EmojiTextsOptions): Promise<EmojiTexts> {
  const { seed, heldOut = {} } = options;
  const chosen = await chooseStyles(options.styles, heldOut.style);
  const { trainStyles, heldOutStyle, draws } = chosen;
  const drawn = await selectEmoji(options.only);
  const ids = drawn.map((emoji) => emoji.id);
  const { all, english } = await readTexts(ids, options);
  const described = [...all.keys()].map(describeLocale);
  const heldOutLocales = holdOutLocales(described, seed, heldOut.locales);
  const heldOutIds = holdOutConcepts(drawn, seed, heldOut.conceptFraction);
  const concepts = drawn.map((emoji, index) =>
    toConcept(emoji, index, english.names[index], heldOutIds.has(emoji.id)),
  );
  const locales = described.map(
    (locale): EmojiLocale => ({
      ...locale,
      split: heldOutLocales.includes(locale.id) ? 'heldOut' : 'train',
      nameCount: countTexts([all.get(locale.id)!]).names,
    }),
  );
  const train = trainTexts(
    all,
    concepts.map((concept) => concept.split === 'heldOut'),
    heldOutLocales,
  );
  function textsOf(locale: string): LocaleTexts {
    const texts = all.get(locale);
    if (texts === undefined) throw new Error(`the emoji data set has no locale '${locale}'`);
    return texts;
  }
  // Once for all: the sampler asks for each item.
  const stylesOf = stylesByConcept(concepts, chosen);
  return {
    concepts,
    locales,
    trainStyles,
    heldOutStyle,
    counts: countAll(concepts, all, train),
    evaluationSets: evaluationSets({
      concepts,
      seenStyle: trainStyles[0]!,
      heldOutStyle,
      seenLocales: [...train.byLocale.keys()],
      heldOutLocales,
    }),
    draws: (style, concept) => draws(style, ids[concept]!),
    names: (locale) => textsOf(locale).names,
    keywords: (locale) => textsOf(locale).keywords,
    queries(set, locale) {
      const { names } = textsOf(locale);
      return set.targets.filter((concept) => {
        const name = names[concept];
        return name !== undefined && !(set.novelTextsOnly && train.canonical.has(canonicalText(name)));
      });
    },
    trainTexts: train.byLocale,
    trainStylesOf: (concept) => stylesOf[concept]!,
    trainSampler: (samplerOptions) =>
      createTrainSampler(
        {
          concepts: concepts.filter((concept) => concept.split === 'train'),
          texts: train.byLocale,
          stylesOf: (concept) => stylesOf[concept]!,
        },
        samplerOptions,
      ),
  };
}
