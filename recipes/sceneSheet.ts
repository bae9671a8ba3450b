/**
 * A sheet of the scenes that are made of emoji, with the true boxes of their objects: docs/scenes.png.
 *
 *   npx tsx recipes/sceneSheet.ts [file, default docs/scenes.png]
 */
import { pathToFileURL } from 'node:url';
import { buildEmojiDataset } from '../src/data/emoji/dataset.ts';
import { sceneCaption } from '../src/data/emoji/scenes/captions.ts';
import { writeContactSheet } from '../src/data/emoji/scenes/contactSheet.ts';
import { createScenes } from '../src/data/emoji/scenes/generator.ts';
import { sceneVocabulary } from '../src/data/emoji/scenes/vocabulary.ts';

/** One caption under each, in a language of its own. */
const LOCALES = ['en', 'de', 'fr', 'es', 'pt', 'it'];

async function main(file: string): Promise<void> {
  const dataset = await buildEmojiDataset({ seed: 0, size: 96 });
  const vocabulary = sceneVocabulary(dataset);
  const { sceneAt } = createScenes(dataset, {
    seed: 0,
    vocabulary,
    canvas: { width: 144, height: 108 },
    objects: [2, 3],
  });
  const scenes = LOCALES.map((_, index) => sceneAt(index));
  const captions = scenes.map((scene, index) => sceneCaption(vocabulary, scene, LOCALES[index]!) ?? '');
  await writeContactSheet(file, scenes, { columns: 3, captions, masks: false });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv[2] ?? 'docs/scenes.png');
