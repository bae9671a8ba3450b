import type { Encoder } from '../../encoder/encoder.ts';
import type { CollectionModel } from './collection.ts';

/**
 * The text by which models are told apart: of several scripts, so that a change of any part of the vocabulary shows. Never
 * change it: stored collections have its embedding.
 */
export const MODEL_PROBE = 'a photo of two dogs, ein Haus am See, красный велосипед, 一只猫 42';

/** Two probes of one model, computed by different engines, threads or precisions, are nearer than this. */
const SAME = 0.999;

/**
 * What a collection keeps of an encoder.
 * @param name what `--model` was: a name on the hub, or an absolute directory
 * @throws Error where the model answers with what is no number
 */
export async function modelOf(encoder: Encoder, name: string): Promise<CollectionModel> {
  const { data } = await encoder.embedTexts([MODEL_PROBE]);
  return { name, width: encoder.width, probe: Float32Array.from(data) };
}

/** The cosine of two vectors of unit length. */
const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Whether two probes of unit length are of one model. */
export const isSameProbe = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && cosine(a, b) > SAME;

/** Whether two models are one, whatever they are called: by the width of their vectors and by their probes. */
export const isSameModel = (
  a: Pick<CollectionModel, 'width' | 'probe'>,
  b: Pick<CollectionModel, 'width' | 'probe'>,
): boolean => a.width === b.width && isSameProbe(a.probe, b.probe);
