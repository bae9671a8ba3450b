import { createRandom } from '../../src/tensor/index.ts';
import type { Style } from './drawings/styles.ts';
import type { Locale } from './texts/languages.ts';
import { familyOf } from './texts/sequence.ts';

/** Decides what the embedded model was not trained on, which evaluation asks about; a run's own seed decides the rest. */
export const SPLIT_SEED = 0;

/** What a model is not trained on, so that it can be asked about it. */
export interface HeldOutOptions {
  /** Share of the emoji without skin tone to hold out, with all their variants; 0 … 0.9. Default 0.1. */
  readonly conceptFraction?: number;
  /**
   * The drawing style never trained on. Default noto: nearly all its drawings differ from each other (two groups
   * of equal ones; OpenMoji has 123), so results measure the model and not ties; and its licence is this
   * project's, so the pictures that evaluation and the page need can be committed.
   */
  readonly style?: Style;
  /** How many locales to hold out, or which. Default 5. */
  readonly locales?: number | readonly string[];
}

const DEFAULT_CONCEPT_FRACTION = 0.1;
const DEFAULT_HELD_OUT_LOCALES = 5;
/** Share of the held-out locales that keep relatives (a locale of the same language branch) in training. */
const SHARE_WITH_RELATIVES = 0.6;
/** English is the pivot of most users' labels, so the seed never holds it out. */
const ALWAYS_SEEN = 'en';

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * Chooses the emoji to hold out: whole families (see sequence.ts), in seeded order, until the emoji without skin
 * tone among them reach the fraction. Skin-tone variants do not count towards the fraction, they follow.
 * @returns the identifiers of the held-out emoji
 */
export function holdOutConcepts(
  concepts: readonly { readonly id: string; readonly skinTone: boolean }[],
  seed: number,
  fraction: number = DEFAULT_CONCEPT_FRACTION,
): Set<string> {
  if (!(fraction >= 0 && fraction <= 0.9)) {
    throw new RangeError(`heldOut.conceptFraction is ${fraction}; it must be between 0 and 0.9`);
  }
  const families = groupBy(concepts, (concept) => familyOf(concept.id));
  const wanted = Math.round(fraction * concepts.filter((concept) => !concept.skinTone).length);
  const heldOut = new Set<string>();
  let count = 0;
  for (const family of createRandom(seed, 'emoji', 'held-out concepts').shuffle(
    [...families.keys()].sort(),
  )) {
    if (count >= wanted) break;
    for (const { id, skinTone } of families.get(family)!) {
      heldOut.add(id);
      if (!skinTone) count++;
    }
  }
  return heldOut;
}

function chooseLocales(locales: readonly Locale[], seed: number, count: number): string[] {
  const byBranch = groupBy(locales, (locale) => locale.branch);
  const byLanguage = groupBy(locales, (locale) => locale.language);
  // A language that is also there in another script would not really be held out.
  const candidates = locales.filter(
    (locale) => locale.id !== ALWAYS_SEEN && byLanguage.get(locale.language)!.length === 1,
  );
  const shuffled = createRandom(seed, 'emoji', 'held-out locales').shuffle([...candidates]);
  const withRelatives = shuffled.filter((locale) => byBranch.get(locale.branch)!.length > 1);
  const alone = shuffled.filter((locale) => byBranch.get(locale.branch)!.length === 1);
  // One per branch, so that every one of them keeps a relative in training.
  const onePerBranch = withRelatives.filter(
    (locale, index) => withRelatives.findIndex((other) => other.branch === locale.branch) === index,
  );
  const related = onePerBranch.slice(0, Math.ceil(count * SHARE_WITH_RELATIVES));
  const chosen = [...related, ...alone.slice(0, count - related.length)];
  if (chosen.length < count) {
    throw new RangeError(
      `heldOut.locales is ${count}, but only ${chosen.length} of ${locales.length} locales can be held out`,
    );
  }
  return chosen.map((locale) => locale.id).sort();
}

/**
 * Chooses the locales to hold out: about three in five with relatives among the seen ones (each of another
 * branch), the others alone in their branch. Given identifiers are checked and taken as they are.
 */
export function holdOutLocales(
  locales: readonly Locale[],
  seed: number,
  wanted: number | readonly string[] = DEFAULT_HELD_OUT_LOCALES,
): string[] {
  if (typeof wanted === 'number') {
    if (!Number.isInteger(wanted) || wanted < 0) {
      throw new RangeError(`heldOut.locales is ${wanted}; it must be a whole number or a list of locales`);
    }
    return chooseLocales(locales, seed, wanted);
  }
  const unknown = wanted.find((id) => !locales.some((locale) => locale.id === id));
  if (unknown !== undefined) {
    throw new Error(
      `heldOut.locales names '${unknown}', which is not one of the ${locales.length} locales of the data set`,
    );
  }
  return [...new Set(wanted)].sort();
}
