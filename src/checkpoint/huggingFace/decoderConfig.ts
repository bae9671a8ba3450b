import { z } from 'zod';
import type { LoccaFormat } from '../../input/text/locca/format.ts';
import { assertLoccaDecoderConfig, type LoccaDecoderConfig } from '../../model/locca/config.ts';
import { firstIssue, wrongField } from '../files/errors.ts';

/** What a decoder's weights do not say: its sizes, and how its tasks are written. */
export interface DecoderDescription {
  readonly config: LoccaDecoderConfig;
  readonly format: LoccaFormat;
}

const size = z.int().positive();
/** Numbers of a box as text; LocCa writes 0 to 500. Each is made into pieces when a model is trimmed. */
const MAX_BOX_NUMBER = 100_000;
const sides = ['y1', 'x1', 'y2', 'x2'] as const;

const schema = z.object({
  model_type: z.literal('locca_decoder', 'model_type must be "locca_decoder"'),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  layer_norm_eps: z.number().positive(),
  vision_hidden_size: size,
  vocab_size: size,
  max_position_embeddings: size,
  attention_bias: z.boolean(),
  mlp_and_norm_bias: z.boolean(),
  tie_word_embeddings: z.boolean(),
  embedding_std: z.number().nonnegative(),
  format: z.object({
    prefixes: z.object({ captioning: z.string(), referring: z.string(), grounded_captioning: z.string() }),
    separator: z.string(),
    box_maximum: size.max(MAX_BOX_NUMBER),
    box_order: z
      .array(z.enum(sides))
      .refine((order) => order.length === 4 && new Set(order).size === 4, 'must name y1, x1, y2 and x2 once'),
  }),
});

/**
 * Reads a `decoder_config.json`.
 * @param json the parsed file.
 * @param file its name, for messages.
 * @throws CheckpointError naming the field that is missing or wrong.
 */
export function parseDecoderConfig(json: unknown, file: string): DecoderDescription {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw wrongField(file, firstIssue(parsed.error));
  const { format, ...fields } = parsed.data;
  const config: LoccaDecoderConfig = {
    hiddenSize: fields.hidden_size,
    intermediateSize: fields.intermediate_size,
    layers: fields.num_hidden_layers,
    heads: fields.num_attention_heads,
    layerNormEps: fields.layer_norm_eps,
    visionSize: fields.vision_hidden_size,
    vocabSize: fields.vocab_size,
    length: fields.max_position_embeddings,
    biases: { attention: fields.attention_bias, mlpAndNorm: fields.mlp_and_norm_bias },
    tiedProjection: fields.tie_word_embeddings,
    embeddingStd: fields.embedding_std,
  };
  try {
    assertLoccaDecoderConfig(config);
  } catch (cause) {
    throw wrongField(file, cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const { grounded_captioning: groundedCaptioning, ...prefixes } = format.prefixes;
  return {
    config,
    format: {
      prefixes: { ...prefixes, groundedCaptioning },
      separator: format.separator,
      box: { maximum: format.box_maximum, order: format.box_order },
    },
  };
}

/** The `decoder_config.json` of a decoder: the inverse of {@link parseDecoderConfig}. */
export const formatDecoderConfig = ({ config, format }: DecoderDescription): Record<string, unknown> => ({
  model_type: 'locca_decoder',
  hidden_size: config.hiddenSize,
  intermediate_size: config.intermediateSize,
  num_hidden_layers: config.layers,
  num_attention_heads: config.heads,
  layer_norm_eps: config.layerNormEps,
  hidden_act: 'gelu_pytorch_tanh',
  vision_hidden_size: config.visionSize,
  vocab_size: config.vocabSize,
  max_position_embeddings: config.length,
  attention_bias: config.biases.attention,
  mlp_and_norm_bias: config.biases.mlpAndNorm,
  tie_word_embeddings: config.tiedProjection,
  embedding_std: config.embeddingStd,
  format: {
    prefixes: {
      captioning: format.prefixes.captioning,
      referring: format.prefixes.referring,
      grounded_captioning: format.prefixes.groundedCaptioning,
    },
    separator: format.separator,
    box_maximum: format.box.maximum,
    box_order: format.box.order,
  },
});
