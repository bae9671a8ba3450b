import type { Embeddings } from '../../src/encoder/embeddings.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { COMMON_QUERIES } from '../../src/search/cutoff/commonQueries.ts';
import { createRandom } from '../../src/tensor/index.ts';
import { emojiData, type Part } from './emoji.ts';
import {
  collectionWorld,
  type EmojiSource,
  everyEmojiWorld,
  folderWorld,
  pictureWorld,
  stylesWorld,
  wordsWorld,
} from './emojiWorlds.ts';
import { fitSimulations, simulatedWorld, TEST_SIMULATIONS } from './simulated.ts';
import { FIT_WORDS, NO_PICTURE_WORDS } from './words.ts';
import type { World } from './world.ts';

/** Languages of either part; English is in both, with other emoji. Hindi's names the model was not shown. */
export const LOCALES: Readonly<Record<Part, readonly string[]>> = {
  fit: ['en', 'de', 'fr', 'zh', 'ru', 'ar', 'pt', 'fi'],
  test: ['en', 'es', 'ja', 'ko', 'tr', 'hi'],
};

export interface CutoffData {
  readonly fit: readonly World[];
  readonly test: readonly World[];
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

function fitWorlds(source: EmojiSource, words: Embeddings): World[] {
  const { data } = source;
  const all = data.concepts.flatMap(({ index }) => (data.partOf(index) === 'fit' ? [index] : []));
  return LOCALES.fit.flatMap((locale) => [
    ...times(4, () => collectionWorld(source, locale, 3, 0.1)),
    ...times(4, () => collectionWorld(source, locale, 20, 0.1)),
    ...[100, 300, 550, 1000].map((count) => collectionWorld(source, locale, count)),
    stylesWorld(source, locale, 1000),
    ...times(4, () => folderWorld(source, locale, 0.1)),
    wordsWorld(source, 'words', words, 'noto', source.random.shuffle([...all]).slice(0, 300), 0.5),
  ]);
}

function testWorlds(source: EmojiSource, words: Embeddings): World[] {
  const all = source.data.concepts.map(({ index }) => index);
  return [
    ...LOCALES.test.flatMap((locale) => [
      ...times(4, () => collectionWorld(source, locale, 2)),
      ...times(4, () => collectionWorld(source, locale, 10)),
      ...[200, 1000, 2000].map((count) => collectionWorld(source, locale, count)),
      stylesWorld(source, locale, 1000),
      ...times(8, () => folderWorld(source, locale)),
    ]),
    ...LOCALES.test.map((locale) => everyEmojiWorld(source, locale)),
    wordsWorld(source, 'words, noto', words, 'noto', all),
    wordsWorld(source, 'words, twemoji', words, 'twemoji', all),
  ];
}

/** Collections and queries; drawings and names by the encoder, and made-up models. */
export async function cutoffData(
  encoder: Encoder,
  log: (line: string) => void,
  cache?: string,
): Promise<CutoffData> {
  const data = await emojiData(encoder, [...new Set([...LOCALES.fit, ...LOCALES.test])], log, cache);
  const common = await encoder.embedTexts(COMMON_QUERIES);
  const sourceOf = (part: Part, most: number): EmojiSource => ({
    data,
    common,
    scalars: encoder.logitScalars,
    part,
    random: createRandom(0, 'cut-off', part),
    most,
  });
  const [fit, test] = [sourceOf('fit', 100), sourceOf('test', 150)];
  return {
    fit: [
      ...fitWorlds(fit, await encoder.embedTexts(FIT_WORDS)),
      ...times(4, () => pictureWorld(fit, 1000)),
      ...times(4, () => pictureWorld(fit, 200)),
      ...fitSimulations(12).flatMap((one) => [100, 1000].map((count) => simulatedWorld(one, count, 0))),
    ],
    test: [
      ...testWorlds(test, await encoder.embedTexts(NO_PICTURE_WORDS)),
      pictureWorld(test, 200),
      pictureWorld(test, 1000),
      pictureWorld(test, 2000),
      ...TEST_SIMULATIONS.flatMap((one) => [300, 3000].map((count) => simulatedWorld(one, count, 1))),
    ],
  };
}
