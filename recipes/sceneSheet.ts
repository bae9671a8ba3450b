/**
 * A sheet of the scenes that are made of emoji, with the true boxes of their objects: docs/scenes.png.
 *
 *   npx tsx recipes/sceneSheet.ts [file, default docs/scenes.png]
 */
import { pathToFileURL } from 'node:url';
import {
  buildEmojiDataset,
  createScenes,
  type Scene,
  sceneCaption,
  sceneVocabulary,
  writeContactSheet,
} from '../datasets/emoji/index.ts';

/** One caption under each, in a language of its own. */
const LOCALES = ['en', 'de', 'fr', 'es', 'pt', 'it'];
/** Characters that fit under a scene. */
const ROOM = 36;

async function main(file: string): Promise<void> {
  const dataset = await buildEmojiDataset({ seed: 0, size: 96 });
  const vocabulary = sceneVocabulary(dataset);
  const { sceneAt } = createScenes(dataset, {
    seed: 0,
    vocabulary,
    canvas: { width: 144, height: 108 },
    objects: [2, 3],
  });
  const scenes: Scene[] = [];
  const captions: string[] = [];
  for (let index = 0; scenes.length < LOCALES.length; index++) {
    const scene = sceneAt(index);
    const caption = sceneCaption(vocabulary, scene, LOCALES[scenes.length]!);
    if (caption === undefined || caption.length > ROOM) continue;
    scenes.push(scene);
    captions.push(caption);
  }
  await writeContactSheet(file, scenes, { columns: 3, captions, masks: false });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv[2] ?? 'docs/scenes.png');
