import { canonicalText, type LocaleAnnotations } from './annotations.ts';

/** The texts of one locale, by concept index. */
export interface LocaleTexts {
  /** Spoken names; undefined where the locale has none. */
  readonly names: readonly (string | undefined)[];
  /** Search keywords; empty where the locale has none. */
  readonly keywords: readonly (readonly string[])[];
}

/** Arranges annotations by concept index. */
export function textsByConcept(annotations: LocaleAnnotations, ids: readonly string[]): LocaleTexts {
  return {
    names: ids.map((id) => annotations.names.get(id)),
    keywords: ids.map((id) => annotations.keywords.get(id) ?? []),
  };
}

/** What a model may be trained on, and how much was dropped for it. */
export interface TrainTexts {
  /** The remaining texts by locale. Held-out concepts have none; held-out locales are absent. */
  readonly byLocale: ReadonlyMap<string, LocaleTexts>;
  /** Names and keywords of training concepts that were dropped, since they name a held-out concept somewhere. */
  readonly droppedNames: number;
  readonly droppedKeywords: number;
  /** Canonical forms of every remaining text. */
  readonly canonical: ReadonlySet<string>;
}

function namesOfHeldOut(all: ReadonlyMap<string, LocaleTexts>, isHeldOut: readonly boolean[]): Set<string> {
  const forbidden = new Set<string>();
  for (const { names } of all.values()) {
    names.forEach((name, concept) => {
      if (isHeldOut[concept] && name !== undefined) forbidden.add(canonicalText(name));
    });
  }
  return forbidden;
}

/**
 * The texts of the training split: those of seen locales for seen concepts, less every text that is the name of a
 * held-out concept in any locale, seen or not ("🌞" must not be learnt through a keyword of "☀").
 */
export function trainTexts(
  all: ReadonlyMap<string, LocaleTexts>,
  isHeldOut: readonly boolean[],
  heldOutLocales: readonly string[],
): TrainTexts {
  const forbidden = namesOfHeldOut(all, isHeldOut);
  const canonical = new Set<string>();
  let droppedNames = 0;
  let droppedKeywords = 0;
  function keep(text: string): boolean {
    const form = canonicalText(text);
    if (forbidden.has(form)) return false;
    canonical.add(form);
    return true;
  }
  const byLocale = new Map<string, LocaleTexts>();
  for (const [locale, { names, keywords }] of all) {
    if (heldOutLocales.includes(locale)) continue;
    const keptNames = names.map((name, concept) => {
      if (name === undefined || isHeldOut[concept]) return undefined;
      if (keep(name)) return name;
      droppedNames++;
      return undefined;
    });
    const keptKeywords = keywords.map((words, concept) => {
      if (isHeldOut[concept]) return [];
      const kept = words.filter(keep);
      droppedKeywords += words.length - kept.length;
      return kept;
    });
    byLocale.set(locale, { names: keptNames, keywords: keptKeywords });
  }
  return { byLocale, droppedNames, droppedKeywords, canonical };
}
