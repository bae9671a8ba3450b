import { readJson } from '../../src/checkpoint/files/json.ts';
import { openModelDirectory } from '../../src/checkpoint/huggingFace/directory.ts';
import { EMBEDDED_MODEL } from '../../src/encoder/embeddedModel.ts';
import { trimRows } from '../../src/input/text/trim/trimRows.ts';
import type { VisionConfig } from '../../src/model/config.ts';
import { adaptVision } from '../../src/train/step/state/adaptVision.ts';
import { startingState } from '../../src/train/step/state/startingState.ts';
import type { TrainState } from '../../src/train/step/state/state.ts';

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
