import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelConfig } from '../../model/config.ts';
import type { LoccaDecoderConfig } from '../../model/locca/config.ts';
import { LOCCA_DECODER, loccaDecoder, vocabularyProjection } from '../../model/locca/decoder.ts';
import { type ParameterTable, parameterScope } from '../../nn/parameters.ts';
import { input } from '../../tensor/index.ts';
import { writeJson } from '../files/atomic.ts';
import { CheckpointError } from '../files/errors.ts';
import { readJson } from '../files/json.ts';
import type { HeaderLimits } from '../safetensors/header.ts';
import { modelMetadata } from '../safetensors/shards.ts';
import { type NamedTensors, orderTensors, writeSafetensors } from '../safetensors/writer.ts';
import { parseConfig } from './config.ts';
import { type DecoderDescription, formatDecoderConfig, parseDecoderConfig } from './decoderConfig.ts';
import { assertShapes } from './layout.ts';
import { openWeights, type Weights } from './weights.ts';

/** A decoder lies beside the model that it was trained with, in files that `transformers` does not look at. */
const CONFIG = 'decoder_config.json';
const WEIGHTS = 'decoder.safetensors';

/** What a repository with a decoder has beside the model's files, weights last. */
export const DECODER_FILES: readonly string[] = [CONFIG, WEIGHTS];

export const isDecoderFile = (name: string): boolean => DECODER_FILES.includes(name);

/** Whether a model's directory has a decoder too. */
export const hasDecoder = (directory: string): boolean => existsSync(join(directory, CONFIG));

/** What a decoder's files are made of. */
export interface DecoderContents extends DecoderDescription {
  /** Every parameter of `config` (`decoder.…`), and nothing else. */
  readonly tensors: NamedTensors;
}

/** A saved decoder, opened. */
export interface DecoderFiles extends DecoderDescription {
  /** Validated against `config`; nothing but headers has been read. Close it when done. */
  readonly weights: Weights;
}

/** Name and shape of every parameter of a decoder. */
export function decoderShapes(config: LoccaDecoderConfig): Map<string, readonly number[]> {
  const table: ParameterTable = new Map();
  const scope = parameterScope(table, LOCCA_DECODER);
  const tokens = input('tokens', 'float32', [1, 1, config.visionSize]);
  loccaDecoder(scope, { ids: input('ids', 'int32', [1, config.length]) }, { tokens }, config);
  vocabularyProjection(scope, config);
  return new Map([...table].map(([name, { shape }]) => [name, shape]));
}

/** Tensors whose shapes bound everything in a configuration that costs memory or time. */
function boundingShapes(config: LoccaDecoderConfig): Map<string, readonly number[]> {
  const { hiddenSize, intermediateSize, layers, vocabSize, length } = config;
  return new Map<string, readonly number[]>([
    [`${LOCCA_DECODER}.embeddings.token_embedding.weight`, [vocabSize + 1, hiddenSize]],
    [`${LOCCA_DECODER}.embeddings.position_embedding.weight`, [length, hiddenSize]],
    [`${LOCCA_DECODER}.layers.${layers - 1}.mlp.fc1.weight`, [intermediateSize, hiddenSize]],
  ]);
}

/** Compares a few tensors before the rest is worked out: a causal mask has the square of the length. */
function assertDecoderLayout(
  config: LoccaDecoderConfig,
  tensors: Parameters<typeof assertShapes>[1],
  file: string,
): void {
  const origin = { source: CONFIG };
  assertShapes(boundingShapes(config), tensors, file, false, origin);
  assertShapes(decoderShapes(config), tensors, file, true, origin);
}

/** @throws CheckpointError when the decoder reads other image tokens or writes another vocabulary than the model's. */
function assertFits(config: LoccaDecoderConfig, { vision, text }: ModelConfig, file: string): void {
  const fields = [
    ['vision_hidden_size', config.visionSize, 'vision_config.hidden_size', vision.hiddenSize],
    ['vocab_size', config.vocabSize, 'text_config.vocab_size', text.vocabSize],
  ] as const;
  for (const [name, found, other, expected] of fields) {
    if (found !== expected) {
      throw new CheckpointError(
        file,
        `the decoder's ${name} is ${found}, but the model's ${other} is ${expected}: they were not trained together; take both from the same checkpoint`,
      );
    }
  }
}

/** @throws CheckpointError when the tensors are not exactly the decoder's, or the decoder is not one for the model. */
export function assertDecoder({ config, tensors }: DecoderContents, model: ModelConfig, file: string): void {
  assertFits(config, model, file);
  assertDecoderLayout(config, new Map(orderTensors(tensors)), file);
}

/** Writes a decoder's files, weights last; returns their names. */
export async function writeDecoder(directory: string, contents: DecoderContents): Promise<string[]> {
  await writeJson(join(directory, CONFIG), formatDecoderConfig(contents));
  const options = { metadata: modelMetadata(), checksums: true, finite: true };
  await writeSafetensors(join(directory, WEIGHTS), contents.tensors, options);
  return [CONFIG, WEIGHTS];
}

/**
 * Saves a decoder in the directory of the model that it was trained with: `decoder_config.json` and
 * `decoder.safetensors`. Saving another model there removes them.
 * @throws CheckpointError when the directory has no model, or the decoder is not one for it.
 * @example
 * const { config } = await openModelDirectory('model');
 * const decoder = await openDecoder('model', config);
 * if (decoder) {
 *   const { weights, ...description } = decoder;
 *   const tensors = await Promise.all(
 *     [...weights.tensors.keys()].map(async (name) => [name, await weights.read(name)] as const),
 *   );
 *   await saveDecoder('out/model', { ...description, tensors });
 * }
 */
export async function saveDecoder(directory: string, contents: DecoderContents): Promise<void> {
  const configPath = join(directory, 'config.json');
  assertDecoder(contents, parseConfig(await readJson(configPath), configPath), join(directory, WEIGHTS));
  await writeDecoder(directory, contents);
}

/**
 * Opens the decoder beside a model.
 * @returns undefined when the directory has none
 * @throws CheckpointError naming the file at fault, or when the decoder is not one for the model
 * @example
 * const { config } = await openModelDirectory('out/model');
 * const decoder = await openDecoder('out/model', config);
 */
export async function openDecoder(
  directory: string,
  model: ModelConfig,
  limits: HeaderLimits = {},
): Promise<DecoderFiles | undefined> {
  if (!hasDecoder(directory)) return undefined;
  const configPath = join(directory, CONFIG);
  const description = parseDecoderConfig(await readJson(configPath), configPath);
  assertFits(description.config, model, configPath);
  const weights = await openWeights(join(directory, WEIGHTS), limits);
  try {
    assertDecoderLayout(description.config, weights.tensors, join(directory, WEIGHTS));
  } catch (error) {
    await weights.close();
    throw error;
  }
  return { ...description, weights };
}
