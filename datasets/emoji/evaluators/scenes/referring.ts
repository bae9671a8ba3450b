import {
  type ReferringResult,
  type ReferringTruth,
  referringAccuracy,
} from '../../../../src/evaluate/index.ts';
import type { Box, RgbImage } from '../../../../src/index.ts';
import type { Scenes } from '../../scenes/generator.ts';
import { type ReferringExpression, referringExpressions } from '../../scenes/referring.ts';

/** A scene and words that mean one object in it. */
export interface ReferringQuestion {
  readonly image: RgbImage;
  readonly text: string;
}

/** A model's answers: a normalised box per question, undefined where it gives none. */
export type Locate = (questions: readonly ReferringQuestion[]) => Promise<readonly (Box | undefined)[]>;

export interface SceneReferringOptions {
  /** Default 100. */
  readonly scenes?: number;
  /** Where to start in the collection. Default 0. */
  readonly firstScene?: number;
  /** Languages to ask in. Default: all of the scenes' vocabulary. */
  readonly locales?: readonly string[];
}

export interface SceneReferringResult {
  readonly all: ReferringResult;
  /** Only languages with questions. */
  readonly byLocale: readonly { readonly locale: string; readonly result: ReferringResult }[];
  /** Questions by name, by place and by size: the latter two in English only. */
  readonly byKind: readonly {
    readonly kind: ReferringExpression['kind'];
    readonly result: ReferringResult;
  }[];
}

interface Asked {
  readonly question: ReferringQuestion;
  readonly truth: ReferringTruth;
  readonly locale: string;
  readonly kind: ReferringExpression['kind'];
}

/** Every expression of the scenes in the languages. */
function questionsOf(scenes: Scenes, options: SceneReferringOptions): Asked[] {
  const { scenes: count = 100, firstScene = 0, locales } = options;
  return Array.from({ length: count }, (_, i) => scenes.sceneAt(firstScene + i)).flatMap((scene) => {
    const candidates = scene.objects.map(({ normalisedBox }) => normalisedBox);
    return referringExpressions(scenes.vocabulary, scene, locales).map(({ object, text, locale, kind }) => ({
      question: { image: scene.image, text },
      truth: { box: candidates[object]!, candidates },
      locale,
      kind,
    }));
  });
}

/**
 * Referring expressions on scenes with true labels (Table 5, in miniature): accuracy@0.5 in all, per language and per
 * kind of expression.
 * @throws Error when the scenes have no expression in the languages.
 */
export async function evaluateSceneReferring(
  locate: Locate,
  scenes: Scenes,
  options: SceneReferringOptions = {},
): Promise<SceneReferringResult> {
  const asked = questionsOf(scenes, options);
  if (asked.length === 0) throw new Error('the scenes have no referring expression in these languages');
  const answers = await locate(asked.map(({ question }) => question));
  const score = (wanted: (one: Asked) => boolean) => {
    const rows = asked.flatMap((one, i) => (wanted(one) ? [i] : []));
    return referringAccuracy(
      rows.map((row) => answers[row]),
      rows.map((row) => asked[row]!.truth),
    );
  };
  const distinct = <T>(of: (one: Asked) => T): T[] => [...new Set(asked.map(of))];
  return {
    all: score(() => true),
    byLocale: distinct((one) => one.locale).map((locale) => ({
      locale,
      result: score((one) => one.locale === locale),
    })),
    byKind: distinct((one) => one.kind).map((kind) => ({ kind, result: score((one) => one.kind === kind) })),
  };
}
