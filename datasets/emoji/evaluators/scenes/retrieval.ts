import { createSimilarity, ranks, recall } from '../../../../src/evaluate/index.ts';
import type { Encoder } from '../../../../src/index.ts';
import { takeRows } from '../../../../src/tensor/index.ts';
import { sceneCaption } from '../../scenes/captions.ts';
import type { Scenes } from '../../scenes/generator.ts';
import type { Scene } from '../../scenes/scene.ts';
import type { SceneVocabulary } from '../../scenes/vocabulary.ts';
import { canonicalText } from '../../texts/annotations.ts';
import type { LocaleResult } from '../localeResult.ts';

export interface SceneRetrievalOptions {
  /** Default 300. */
  readonly scenes?: number;
  /** Where to start in the collection. Default 0. */
  readonly firstScene?: number;
  /** Languages to ask in. Default: all of the scenes' vocabulary. */
  readonly locales?: readonly string[];
}

/** The names in a scene, each once and in no order: scenes of the same names are one answer. */
function contentOf(vocabulary: SceneVocabulary, { objects }: Scene, locale: string): string {
  const names = objects.map(({ concept }) => canonicalText(vocabulary.name(locale, concept) ?? ''));
  return [...new Set(names)].sort().join('\n');
}

/** What can be asked for in a language: scenes of which it names everything. */
function askedIn(scenes: readonly Scene[], vocabulary: SceneVocabulary, locale: string) {
  const contents = new Map<string, number>();
  return scenes.flatMap((scene, row) => {
    const caption = sceneCaption(vocabulary, scene, locale);
    if (scene.objects.length === 0 || caption === undefined) return [];
    const content = contentOf(vocabulary, scene, locale);
    if (!contents.has(content)) contents.set(content, contents.size);
    return [{ row, caption, answer: contents.get(content)! }];
  });
}

/**
 * Retrieval of scenes by whole-scene captions and the other way round, per language. Scenes of the same names count as
 * one answer.
 * @throws Error when no language has a caption
 */
export async function evaluateSceneRetrieval(
  encoder: Pick<Encoder, 'width' | 'embedImages' | 'embedTexts'>,
  scenes: Scenes,
  options: SceneRetrievalOptions = {},
): Promise<LocaleResult[]> {
  const { scenes: count = 300, firstScene = 0, locales = scenes.vocabulary.locales } = options;
  const all = Array.from({ length: count }, (_, i) => scenes.sceneAt(firstScene + i));
  const images = await encoder.embedImages(all.map(({ image }) => image));
  const engine = await createSimilarity(encoder.width);
  try {
    const results: LocaleResult[] = [];
    for (const locale of locales) {
      const asked = askedIn(all, scenes.vocabulary, locale);
      if (asked.length === 0) continue;
      const texts = await encoder.embedTexts(asked.map(({ caption }) => caption));
      const pictures = takeRows(
        images,
        asked.map(({ row }) => row),
      );
      const answers = asked.map(({ answer }) => answer);
      results.push({
        locale,
        textToImage: recall(ranks(await engine.similarities(texts, pictures), answers, answers)),
        imageToText: recall(ranks(await engine.similarities(pictures, texts), answers, answers)),
      });
    }
    if (results.length === 0) throw new Error('the scenes have no caption in these languages');
    return results;
  } finally {
    await engine.dispose();
  }
}
