import type { ModelDirectory } from '../../../checkpoint/huggingFace/directory.ts';
import { parameterShapes } from '../../../checkpoint/huggingFace/layout.ts';
import type { TrainState } from './state.ts';

/**
 * A model's parameters as a state to start training from: float32, whatever the file has.
 * @example
 * const state = await startingState(await openModelDirectory(EMBEDDED_MODEL));
 */
export async function startingState({
  config,
  weights,
}: Pick<ModelDirectory, 'config' | 'weights'>): Promise<TrainState> {
  const state: TrainState = new Map();
  for (const name of parameterShapes(config).keys()) state.set(name, await weights.readFloat32(name));
  return state;
}
