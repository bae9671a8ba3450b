import type { ImagePreprocessing } from '../../input/image/preprocessing.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { AnyObjective } from '../losses/chunkedObjective.ts';
import { chunkedContrastiveObjective } from '../losses/sigmoid/chunkedContrastive.ts';
import { contrastiveObjective } from '../losses/sigmoid/contrastive.ts';
import { type FinetuneSettings, frozenBy } from './settings.ts';

/** What a model is, as far as training needs to know. */
export interface FinetuneModel {
  readonly config: ModelConfig;
  readonly preprocessor: ImagePreprocessing;
}

/** The sigmoid loss on both towers, computed at once or in chunks, with the frozen parts left alone. */
export function finetuneObjective(
  { config, preprocessor }: FinetuneModel,
  { batch, chunk, freeze }: Pick<FinetuneSettings, 'batch' | 'chunk' | 'freeze'>,
): AnyObjective {
  const shape = {
    images: batch,
    texts: batch,
    ...(preprocessor.kind === 'naflex' && { length: preprocessor.maxNumPatches }),
  };
  const objective =
    chunk < batch
      ? chunkedContrastiveObjective(config, shape, { images: chunk, texts: chunk })
      : contrastiveObjective(config, shape);
  return { ...objective, frozen: frozenBy(freeze) };
}
