import type { Weights } from '../../checkpoint/huggingFace/weights.ts';
import type { ModelConfig } from '../../model/config.ts';
import { textTower } from '../../model/textTower.ts';
import { normalize, visionInputs, visionTower } from '../../model/twoTowers.ts';
import { mapHeadPerToken } from '../../nn/mapHead.ts';
import { type ParameterTable, parameterScope } from '../../nn/parameters.ts';
import {
  compile,
  type Dim,
  input,
  type Session,
  type SessionOptions,
  type Tensor,
} from '../../tensor/index.ts';
import { finiteOutputs } from './finiteOutputs.ts';
import { sessionWeights } from './sessionWeights.ts';

/** A tower as a graph with a symbolic batch dimension. */
export interface TowerGraph {
  readonly parameters: ParameterTable;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/**
 * Image tower: → `image_embeds` [batch, d] (unit length).
 * @param patches NaFlex: rows of the padded patch sequences. Default: known only when the graph runs
 * @example
 * const { outputs } = imageGraph(variantConfig('B/16'));
 */
export function imageGraph(config: ModelConfig, patches: Dim = 'patches'): TowerGraph {
  const parameters: ParameterTable = new Map();
  const inputs = visionInputs(config.vision, 'batch', patches);
  const vision = visionTower(parameterScope(parameters), inputs, config.vision);
  return { parameters, outputs: { image_embeds: normalize(vision.pooled) } };
}

/**
 * Image tower without pooling: → `patch_embeds` [batch, T, d], each patch by itself in the space of the embeddings (unit
 * length). Rows of NaFlex padding are finite and meaningless.
 * @param patches NaFlex: rows of the padded patch sequences. Default: known only when the graph runs
 */
export function patchGraph(config: ModelConfig, patches: Dim = 'patches'): TowerGraph {
  const parameters: ParameterTable = new Map();
  const scope = parameterScope(parameters);
  const { tokens } = visionTower(scope, visionInputs(config.vision, 'batch', patches), config.vision);
  const features = mapHeadPerToken(scope.scope('vision_model.head'), tokens, config.vision);
  return { parameters, outputs: { patch_embeds: normalize(features) } };
}

/**
 * Image tower before and after pooling: → `tokens` [batch, T, d] and `pooled` [batch, d] (not normalised).
 * @param patches NaFlex: rows of the padded patch sequences. Default: known only when the graph runs
 */
export function featureGraph(config: ModelConfig, patches: Dim = 'patches'): TowerGraph {
  const parameters: ParameterTable = new Map();
  const inputs = visionInputs(config.vision, 'batch', patches);
  const { tokens, pooled } = visionTower(parameterScope(parameters), inputs, config.vision);
  return { parameters, outputs: { tokens, pooled } };
}

/** Text tower: `input_ids` [batch, length] int32 → `text_embeds` [batch, d] (unit length). */
export function textGraph(config: ModelConfig): TowerGraph {
  const parameters: ParameterTable = new Map();
  const ids = input('input_ids', 'int32', ['batch', config.text.length]);
  const text = textTower(parameterScope(parameters).scope('text_model'), ids, config.text);
  return { parameters, outputs: { text_embeds: normalize(text.pooled) } };
}

/**
 * Compiles a tower with a checkpoint's weights, which are checked while the engine prepares them. What it answers is
 * finite, or an error.
 * @throws CheckpointError naming a tensor that is damaged or holds NaN or infinity
 */
export async function compileTower(
  graph: TowerGraph,
  weights: Weights,
  options: SessionOptions,
): Promise<Session> {
  const { weights: sources, externalDataFolder, mapped } = await sessionWeights(graph, weights);
  const request = { outputs: graph.outputs, weights: sources };
  const [session, verified] = await Promise.allSettled([
    compile(request, { ...options, externalDataFolder }),
    weights.verify(mapped),
  ]);
  if (verified.status === 'rejected') {
    if (session.status === 'fulfilled') await session.value.dispose();
    throw verified.reason;
  }
  if (session.status === 'rejected') throw session.reason;
  return finiteOutputs(session.value);
}
