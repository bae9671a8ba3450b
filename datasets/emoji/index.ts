/**
 * Emoji in several drawing styles, named in 105 locales; scenes made of them, whose boxes, masks and captions are true;
 * objectives that are trained on both. `evaluators/` holds what `siglip2 evaluate` asks of models. A user of the package,
 * which imports its public faces alone.
 * @module
 */

// The data set: names, drawings, what is held out.

export { buildEmojiDataset } from './buildDataset.ts';
export type { EmojiDataset, EmojiDatasetOptions } from './dataset.ts';
export { EMOJI_AUGMENTATION } from './drawings/augmentation.ts';
export { listDrawnEmoji } from './drawings/drawings.ts';
export { type Style, styleSources, styles } from './drawings/styles.ts';
export { locatePackage } from './packages.ts';
export { SPLIT_SEED } from './split.ts';
export { familyOf } from './texts/sequence.ts';

// Batches and objectives: towards a table of concepts, and towards images that stay as they are.

export { drawingBatches } from './batches/drawingBatches.ts';
export {
  type DrawingEmbeddings,
  drawAny,
  drawingCentres,
  embedDrawings,
} from './batches/drawingEmbeddings.ts';
export { nameBatches } from './batches/nameBatches.ts';
export { conceptTableObjective, trainedConcepts } from './objectives/conceptTable.ts';
export { lockedImagesObjective } from './objectives/lockedImages.ts';

// Scenes.

export { type SceneBatch, sceneBatches } from './scenes/batches.ts';
export { joinNames, sceneCaption } from './scenes/captions.ts';
export { writeContactSheet } from './scenes/contactSheet.ts';
export { createScenes, type SceneOptions, type Scenes } from './scenes/generator.ts';
export type { Scene } from './scenes/scene.ts';
export { sceneVocabulary } from './scenes/vocabulary.ts';
