import type { Encoder } from '../../encoder/encoder.ts';
import type { CollectionModel } from './collection.ts';

/**
 * The text by which models are told apart: of several scripts, so that a change of any part of the vocabulary shows. Never
 * change it: stored collections have its embedding.
 */
export const MODEL_PROBE = 'a photo of two dogs, ein Haus am See, красный велосипед, 一只猫 42';

/**
 * What a collection keeps of an encoder.
 * @param name what `--model` was: a name on the hub, or an absolute directory
 * @throws Error where the model answers with what is no number
 */
export async function modelOf(encoder: Encoder, name: string): Promise<CollectionModel> {
  const { data } = await encoder.embedTexts([MODEL_PROBE]);
  return { name, width: encoder.width, probe: Float32Array.from(data) };
}
