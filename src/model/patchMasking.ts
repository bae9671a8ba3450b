import {
  add,
  constant,
  float32,
  greater,
  int32,
  reshape,
  scalar,
  scatterAdd,
  staticDim,
  type Tensor,
  where,
} from '../tensor/index.ts';

/** Hides some patches of an image from the tower behind one learned vector. */
export interface PatchMasking {
  /** The mask token, [d]. */
  readonly token: Tensor;
  /** Where it stands, bool [B, T, 1]. */
  readonly masked: Tensor;
  /**
   * `beforePositions`: it replaces the patch embedding and gets the patch's position embedding (iBOT, TIPS).
   * `afterPositions`: it replaces both, so that masked tokens do not know where they are. The paper says only
   * "embedded patches" (§2.3; docs/paper.md).
   */
  readonly place: 'beforePositions' | 'afterPositions';
}

/** Patches plus positions, with the mask token in place. patches: [B, T, d], positions: [T, d]. */
export function embedPositions(patches: Tensor, positions: Tensor, masking?: PatchMasking): Tensor {
  if (!masking) return add(patches, positions);
  const { masked, token, place } = masking;
  return place === 'beforePositions'
    ? add(where(masked, token, patches), positions)
    : where(masked, token, add(patches, positions));
}

/**
 * Row numbers of tokens in a flattened batch: [B, M] positions of each image → [B·M] rows of [B·T, d].
 * @param positions int32, 0 ≤ position < tokens
 */
export function flatRows(positions: Tensor, tokens: number): Tensor {
  const [batch, count] = positions.shape.map((dim) => staticDim(dim));
  const first = Int32Array.from({ length: batch! }, (_, i) => i * tokens);
  return reshape(add(positions, constant(int32([batch!, 1], first))), [batch! * count!]);
}

/** Bool [B, T, 1], true at the given rows (see {@link flatRows}) of B·T. */
export function maskOfRows(rows: Tensor, batch: number, tokens: number): Tensor {
  const count = staticDim(rows.shape[0]);
  const ones = constant(float32([count, 1], new Float32Array(count).fill(1)));
  return reshape(greater(scatterAdd(rows, ones, batch * tokens), scalar(0)), [batch, tokens, 1]);
}
