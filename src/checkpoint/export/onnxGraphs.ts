import type { ModelConfig } from '../../model/config.ts';
import { type TextOutputs, textTower } from '../../model/textTower.ts';
import {
  logitParameters,
  logitsPerText,
  normalize,
  type VisionInputs,
  visionTower,
} from '../../model/twoTowers.ts';
import type { VisionOutputs } from '../../model/visionTower.ts';
import type { ParameterScope } from '../../nn/parameters.ts';
import { cast, type Dim, input, type Tensor, transpose } from '../../tensor/index.ts';

export const EXPORT_DTYPES: readonly ExportDType[] = ['float32', 'float16'];

/** Type of the exported weights. With float16 the files are half as large; the computation stays float32. */
export type ExportDType = 'float32' | 'float16';

/** A graph to export: its outputs, and the parameters that become its weights. */
export interface ExportGraph {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Every parameter's shape by its checkpoint name. */
  readonly parameters: ReadonlyMap<string, readonly number[]>;
}

/** A scope whose parameters are stored as `dtype` and widened where the graph reads them. */
function storedScope(dtype: ExportDType, shapes: Map<string, readonly number[]>): ParameterScope {
  const tensors = new Map<string, Tensor>();
  const under = (prefix: string): ParameterScope => ({
    get(name, shape) {
      const path = prefix + name;
      const tensor = tensors.get(path) ?? cast(input(path, dtype, shape), 'float32');
      tensors.set(path, tensor);
      shapes.set(path, shape);
      return tensor;
    },
    scope: (name) => under(`${prefix}${name}.`),
  });
  return under('');
}

/** How many patches a NaFlex image has, padding included, is known only when the graph runs. */
const PATCHES = 'patches';

/** The inputs of the ecosystem's exports: integers are int64 there. */
function pixelInputs({ vision }: ModelConfig, batch: Dim): VisionInputs {
  if (vision.kind === 'fixed') {
    const { channels, imageSize } = vision;
    return { pixel_values: input('pixel_values', 'float32', [batch, channels, imageSize, imageSize]) };
  }
  const integers = (name: string, size: Dim) => cast(input(name, 'int64', [batch, size]), 'int32');
  return {
    pixel_values: input('pixel_values', 'float32', [batch, PATCHES, vision.channels * vision.patchSize ** 2]),
    pixel_attention_mask: integers('pixel_attention_mask', PATCHES),
    spatial_shapes: integers('spatial_shapes', 2),
  };
}

const visionOf = (config: ModelConfig, scope: ParameterScope, batch: Dim): VisionOutputs =>
  visionTower(scope, pixelInputs(config, batch), config.vision);

const textOf = ({ text }: ModelConfig, scope: ParameterScope, batch: Dim): TextOutputs =>
  textTower(scope.scope('text_model'), input('input_ids', 'int64', [batch, text.length]), text);

const graph = (dtype: ExportDType, build: (scope: ParameterScope) => ExportGraph['outputs']): ExportGraph => {
  const parameters = new Map<string, readonly number[]>();
  return { outputs: build(storedScope(dtype, parameters)), parameters };
};

/** Un-pooled tokens after the final norm, and the head's output (not normalised), as Hugging Face names them. */
const towerOutputs = ({ tokens, pooled }: VisionOutputs | TextOutputs) => ({
  last_hidden_state: tokens,
  pooler_output: pooled,
});

/**
 * The three graphs of a transformers.js model by file name, with Hugging Face's input and output names and symbolic
 * batch dimensions; NaFlex: also a symbolic number of patches.
 */
export function exportGraphs(
  config: ModelConfig,
  dtype: ExportDType,
): Readonly<Record<'model' | 'vision_model' | 'text_model', ExportGraph>> {
  return {
    model: graph(dtype, (scope) => {
      const image_embeds = normalize(visionOf(config, scope, 'image_batch').pooled);
      const text_embeds = normalize(textOf(config, scope, 'text_batch').pooled);
      const { logitScale, logitBias } = logitParameters(scope);
      const logits_per_text = logitsPerText(text_embeds, image_embeds, logitScale, logitBias);
      const logits_per_image = transpose(logits_per_text, [1, 0]);
      return { logits_per_image, logits_per_text, text_embeds, image_embeds };
    }),
    vision_model: graph(dtype, (scope) => towerOutputs(visionOf(config, scope, 'batch'))),
    text_model: graph(dtype, (scope) => towerOutputs(textOf(config, scope, 'batch'))),
  };
}
