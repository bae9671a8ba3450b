/** The embedded model, from which the miniature starts. */
import { readJson, trimRows } from '../../src/data/index.ts';
import { EMBEDDED_MODEL, openModelDirectory, type VisionConfig } from '../../src/index.ts';
import { adaptVision, startingState, type TrainState } from '../../src/train/index.ts';

const TOKEN_TABLE = 'text_model.embeddings.token_embedding.weight';

/** A model that training starts from. */
export interface StartingModel {
  readonly state: TrainState;
  readonly vision: VisionConfig;
}

/** The embedded model's tokenizer, parsed. */
export const embeddedTokenizer = async (): Promise<object> =>
  Object(await readJson(`${EMBEDDED_MODEL}/tokenizer.json`));

/** The embedded model with some of its vocabulary. @param kept its pieces, in the new order */
export async function embeddedStart(kept: Int32Array): Promise<StartingModel> {
  const model = await openModelDirectory(EMBEDDED_MODEL);
  try {
    const state = await startingState(model);
    state.set(TOKEN_TABLE, trimRows(state.get(TOKEN_TABLE)!, kept));
    return { state, vision: model.config.vision };
  } finally {
    await model.weights.close();
  }
}

/** Its parameters at another resolution, without the bias, which fits other batches. */
export function startAt({ state, vision }: StartingModel, to: VisionConfig): TrainState {
  const adapted = adaptVision(state, vision, to);
  adapted.delete('logit_bias');
  return adapted;
}
