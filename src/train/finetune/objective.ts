import type { ModelFiles } from '../../checkpoint/huggingFace/directory.ts';
import type { AnyObjective } from '../losses/chunkedObjective.ts';
import { chunkedContrastiveObjective } from '../losses/sigmoid/chunkedContrastive.ts';
import { contrastiveObjective } from '../losses/sigmoid/contrastive.ts';
import { type FinetuneSettings, frozenBy } from './settings.ts';

/**
 * The sigmoid loss on both towers, computed at once or in chunks, with the frozen parts left alone.
 * @example
 * const model = await openModelDirectory(EMBEDDED_MODEL);
 * const objective = finetuneObjective(model, { batch: 32, chunk: 8, freeze: ['embeddings'] });
 */
export function finetuneObjective(
  { config, preprocessor }: ModelFiles,
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
