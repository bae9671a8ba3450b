import { attendTo, type KeysAndValues, keysAndValues } from '../../nn/decoderBlock.ts';
import type { ParameterScope } from '../../nn/parameters.ts';
import {
  add,
  cast,
  constant,
  equal,
  gather,
  greater,
  int32,
  mul,
  reshape,
  scalar,
  type Tensor,
  where,
} from '../../tensor/index.ts';
import type { LoccaDecoderConfig } from './config.ts';
import { loccaBlock, loccaEmbeddings, loccaFinalNorm } from './decoder.ts';

/** Added to the scores of positions that are not written yet. */
const MASKED = -1e30;

/** One more token for several texts about one image. */
export interface LoccaStepInputs {
  /** The token before it: 0 at the first position, [B] int32. */
  readonly ids: Tensor;
  /** Its position, the same for all texts, [1] int32. */
  readonly position: Tensor;
  /** Each block's keys and values of the positions before, [B, T, d]; later ones may hold anything finite. */
  readonly past: readonly KeysAndValues[];
  /** The image's, from `imageKeysAndValues`, [1, S, d]. */
  readonly image: readonly KeysAndValues[];
}

export interface LoccaStepOutputs {
  /** After the final norm, [B, d]. */
  readonly hidden: Tensor;
  /** Each block's keys and values of this position, [B, d]: to be put into `past`. */
  readonly present: readonly KeysAndValues[];
}

/**
 * The decoder at one position, given the keys and values of all positions before: the same numbers as the whole
 * decoder's at that position. The texts are one row of queries for the image, whose keys and values are not repeated.
 */
export function loccaStep(
  scope: ParameterScope,
  { ids, position, past, image }: LoccaStepInputs,
  config: LoccaDecoderConfig,
): LoccaStepOutputs {
  const { hiddenSize: d, length } = config;
  const texts = ids.shape[0]!;
  const embeddings = loccaEmbeddings(scope, config);
  const places = constant(
    int32(
      [1, length, 1],
      Array.from({ length }, (_, i) => i),
    ),
  );
  const here = equal(places, position);
  const later = mul(cast(greater(reshape(places, [1, 1, 1, length]), position), 'float32'), scalar(MASKED));
  const present: KeysAndValues[] = [];
  const embedded = add(gather(embeddings.tokens, ids), gather(embeddings.positions, position));
  let x = reshape(embedded, [1, texts, d]);
  for (let layer = 0; layer < config.layers; layer++) {
    x = loccaBlock(scope, layer, x, config, {
      self: (at, y) => {
        const own = reshape(y, [texts, 1, d]);
        const { keys, values } = keysAndValues(at, own, config);
        present.push({ keys: reshape(keys, [texts, d]), values: reshape(values, [texts, d]) });
        const known = {
          keys: where(here, keys, past[layer]!.keys),
          values: where(here, values, past[layer]!.values),
        };
        return reshape(attendTo(at, own, known, config, later), [1, texts, d]);
      },
      cross: (at, y) => attendTo(at, y, image[layer]!, config),
    });
  }
  return { hidden: reshape(loccaFinalNorm(scope, x, config), [texts, d]), present };
}
