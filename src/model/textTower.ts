import { blockAtLast, encoder, lastOf } from '../nn/block.ts';
import { dense, norm } from '../nn/layers.ts';
import { normal, type ParameterScope } from '../nn/parameters.ts';
import { add, gather, type Tensor } from '../tensor/index.ts';
import { PAD_ID, type TextConfig } from './config.ts';

/** Every intermediate of the text tower. */
export interface TextOutputs {
  /** Token plus position embeddings, [B, T, d]. */
  readonly embeddings: Tensor;
  readonly layers: readonly Tensor[];
  /** After the final norm, [B, T, d]. */
  readonly tokens: Tensor;
  /** Last position through the projection head, [B, projectionSize]. */
  readonly pooled: Tensor;
}

/**
 * Bidirectional text transformer (big_vision text_transformer.py). Padding is attended like any token and the last
 * position is read, whatever stands there: texts must be padded to exactly `config.length` (big_vision
 * `text_transformer.py`).
 * @param ids token ids, [B, T] int32
 * @example
 * const { text } = variantConfig('B/16');
 * const table: ParameterTable = new Map();
 * const { pooled } = textTower(parameterScope(table), input('input_ids', 'int32', ['n', text.length]), text);
 */
export function textTower(scope: ParameterScope, ids: Tensor, config: TextConfig): TextOutputs {
  const { hiddenSize: d, vocabSize, length, projectionSize } = config;
  const embedding = scope.scope('embeddings');
  const table = embedding.get('token_embedding.weight', [vocabSize, d], normal(1 / Math.sqrt(d)));
  const positions = embedding.get('position_embedding.weight', [length, d], normal(1 / Math.sqrt(d)));
  const embeddings = add(gather(table, ids, PAD_ID), positions);
  const blocks = scope.scope('encoder');
  const layers = encoder(blocks, embeddings, config);
  const tokens = norm(scope.scope('final_layer_norm'), layers.at(-1) ?? embeddings, config);
  const before = [embeddings, ...layers].at(-2);
  const last = before
    ? blockAtLast(blocks.scope(`layers.${config.layers - 1}`), before, config)
    : lastOf(embeddings);
  const normalized = norm(scope.scope('final_layer_norm'), last, config);
  const pooled = dense(scope.scope('head'), normalized, d, projectionSize);
  return { embeddings, layers, tokens, pooled };
}
