import type { LoccaDecoderConfig } from '../../model/locca/config.ts';
import { imageKeysAndValues, LOCCA_DECODER, vocabularyProjection } from '../../model/locca/decoder.ts';
import { loccaStep } from '../../model/locca/step.ts';
import type { KeysAndValues } from '../../nn/decoderBlock.ts';
import { type ParameterTable, parameterScope } from '../../nn/parameters.ts';
import { type Dim, input, linear, logSumExp, sub, type Tensor } from '../../tensor/index.ts';
import type { TowerGraph } from '../towers/graphs.ts';

/** Names of one block's keys and values, as graph inputs and outputs. */
export const layerNames = (kind: string, layer: number) => ({
  keys: `${kind}.keys.${layer}`,
  values: `${kind}.values.${layer}`,
});

const named = (kind: string, layers: readonly KeysAndValues[]): Record<string, Tensor> =>
  Object.fromEntries(
    layers.flatMap(({ keys, values }, layer) => {
      const names = layerNames(kind, layer);
      return [
        [names.keys, keys],
        [names.values, values],
      ];
    }),
  );

const declared = (kind: string, layers: number, shape: readonly Dim[]): KeysAndValues[] =>
  Array.from({ length: layers }, (_, layer) => {
    const names = layerNames(kind, layer);
    return { keys: input(names.keys, 'float32', shape), values: input(names.values, 'float32', shape) };
  });

/** Once per image: `tokens` [1, patches, visionSize] → every block's `image.keys.i` and `image.values.i`. */
export function imageMemoryGraph(config: LoccaDecoderConfig): TowerGraph {
  const parameters: ParameterTable = new Map();
  const tokens = input('tokens', 'float32', [1, 'patches', config.visionSize]);
  const layers = imageKeysAndValues(parameterScope(parameters, LOCCA_DECODER), tokens, config);
  return { parameters, outputs: named('image', layers) };
}

/** Once per token: `ids` [texts], `position` [1], `past.…` and `image.…` → `hidden` [texts, d] and `present.…`. */
export function stepGraph(config: LoccaDecoderConfig): TowerGraph {
  const { hiddenSize: d, layers, length } = config;
  const parameters: ParameterTable = new Map();
  const { hidden, present } = loccaStep(
    parameterScope(parameters, LOCCA_DECODER),
    {
      ids: input('ids', 'int32', ['texts']),
      position: input('position', 'int32', [1]),
      past: declared('past', layers, ['texts', length, d]),
      image: declared('image', layers, [1, 'patches', d]),
    },
    config,
  );
  return { parameters, outputs: { hidden, ...named('present', present) } };
}

/**
 * Hidden states [texts, d] → `log_probabilities` [texts, vocabSize]. A graph of its own, because a prompt's tokens need
 * none, and most of a small decoder's work is here.
 */
export function vocabularyGraph(config: LoccaDecoderConfig): TowerGraph {
  const parameters: ParameterTable = new Map();
  const { kernel, bias } = vocabularyProjection(parameterScope(parameters, LOCCA_DECODER), config);
  const logits = linear(input('hidden', 'float32', ['texts', config.hiddenSize]), kernel, bias);
  return { parameters, outputs: { log_probabilities: sub(logits, logSumExp(logits)) } };
}
