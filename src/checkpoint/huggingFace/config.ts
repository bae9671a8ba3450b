import { z } from 'zod';
import type { ModelConfig, TextConfig, TowerConfig, VisionConfig } from '../../model/config.ts';
import { CheckpointError, firstIssue, quote, wrongField } from '../files/errors.ts';

/** A positive whole number; null and absence mean the class default. */
const size = (fallback: number) =>
  z
    .int()
    .positive()
    .nullish()
    .transform((value) => value ?? fallback);

/** Transformers writes a square size as a number or as a pair. */
const squareSize = (fallback: number) =>
  z
    .union([
      z.int().positive(),
      z.tuple([z.int().positive(), z.int().positive()]).refine(([h, w]) => h === w, 'must be square'),
    ])
    .nullish()
    .transform((value) => (Array.isArray(value) ? value[0] : (value ?? fallback)));

/** Names under which Hugging Face knows the tanh approximation of GELU, the only activation of the family. */
const ACTIVATIONS = ['gelu_pytorch_tanh', 'gelu_new', 'gelu_fast'];

// Class defaults of SiglipTextConfig, SiglipVisionConfig and their Siglip2 forms: released files omit them.
// pad/bos/eos ids are left out on purpose: their defaults are stale values of another tokenizer.
const towerSchema = z.object({
  hidden_size: size(768),
  intermediate_size: size(3072),
  num_hidden_layers: size(12),
  num_attention_heads: size(12),
  layer_norm_eps: z
    .number()
    .positive()
    .nullish()
    .transform((value) => value ?? 1e-6),
  hidden_act: z.enum(ACTIVATIONS, `must be one of ${ACTIVATIONS.join(', ')}`).nullish(),
});

const textSchema = z.object({
  ...towerSchema.shape,
  vocab_size: size(32_000),
  max_position_embeddings: size(64),
  projection_size: z.int().positive().nullish(),
});

const visionSchema = z.object({
  ...towerSchema.shape,
  patch_size: squareSize(16),
  num_channels: size(3),
  vision_use_head: z
    .boolean()
    .nullish()
    .transform((value) => value ?? true),
});
const fixedVisionSchema = z.object({ ...visionSchema.shape, image_size: squareSize(224) });
const naflexVisionSchema = z.object({ ...visionSchema.shape, num_patches: size(256) });

/** A field of ours, which others leave alone: see ModelConfig. */
const promptTemplatesSchema = z
  .array(z.string().includes('{}', 'must hold "{}" where the label belongs'))
  .min(1)
  .nullish();

const orEmpty = (value: unknown): unknown => value ?? {};
const configSchema = z.discriminatedUnion('model_type', [
  z.object({
    model_type: z.literal('siglip'),
    text_config: z.preprocess(orEmpty, textSchema),
    prompt_templates: promptTemplatesSchema,
    vision_config: z.preprocess(orEmpty, fixedVisionSchema),
  }),
  z.object({
    model_type: z.literal('siglip2'),
    text_config: z.preprocess(orEmpty, textSchema),
    prompt_templates: promptTemplatesSchema,
    vision_config: z.preprocess(orEmpty, naflexVisionSchema),
  }),
]);

type FileConfig = z.output<typeof configSchema>;

const parseTower = (tower: z.output<typeof towerSchema>): TowerConfig => ({
  hiddenSize: tower.hidden_size,
  intermediateSize: tower.intermediate_size,
  layers: tower.num_hidden_layers,
  heads: tower.num_attention_heads,
  layerNormEps: tower.layer_norm_eps,
});

function parseVision(config: FileConfig): VisionConfig {
  const { vision_config: vision } = config;
  const shared = {
    ...parseTower(vision),
    patchSize: vision.patch_size,
    channels: vision.num_channels,
    useHead: vision.vision_use_head,
  };
  if (config.model_type === 'siglip2') {
    return { ...shared, kind: 'naflex', numPatches: config.vision_config.num_patches };
  }
  const { image_size: imageSize } = config.vision_config;
  return { ...shared, kind: 'fixed', imageSize, numPatches: Math.floor(imageSize / shared.patchSize) ** 2 };
}

const parseText = (text: z.output<typeof textSchema>): TextConfig => ({
  ...parseTower(text),
  vocabSize: text.vocab_size,
  length: text.max_position_embeddings,
  projectionSize: text.projection_size ?? text.hidden_size,
});

/**
 * Refuses a configuration whose sizes contradict each other.
 * @param refusal makes the error: what to do depends on where the configuration is from.
 * @throws CheckpointError naming the field, the value found and the one expected.
 */
export function assertConsistent(
  { vision, text }: ModelConfig,
  file: string,
  refusal: (file: string, fault: string) => CheckpointError = wrongField,
): void {
  const check = (ok: boolean, fault: string) => {
    if (!ok) throw refusal(file, fault);
  };
  for (const [name, tower] of [['vision_config', vision] as const, ['text_config', text] as const]) {
    check(
      tower.hiddenSize % tower.heads === 0,
      `${name}.hidden_size ${tower.hiddenSize} is not a multiple of num_attention_heads ${tower.heads}`,
    );
  }
  check(
    text.projectionSize === vision.hiddenSize,
    `text_config.projection_size is ${text.projectionSize}, expected vision_config.hidden_size ${vision.hiddenSize}`,
  );
  if (vision.kind === 'fixed') {
    check(vision.numPatches > 0, `vision_config.image_size ${vision.imageSize} is less than one patch`);
  } else {
    check(
      Number.isInteger(Math.sqrt(vision.numPatches)),
      `vision_config.num_patches is ${vision.numPatches}, expected a square number (the position grid is square)`,
    );
  }
}

const modelTypeSchema = z.object({ model_type: z.string() });

/**
 * Reads a Hugging Face `config.json` of model_type "siglip" (fixed resolution) or "siglip2" (NaFlex), filling in the
 * class defaults that the released minimal files leave out. Token ids in the file are ignored: they are stale.
 * @param json the parsed file.
 * @param file its name, for messages.
 * @throws CheckpointError for another model_type, another activation, or sizes that contradict each other.
 */
export function parseConfig(json: unknown, file = 'config.json'): ModelConfig {
  const type = modelTypeSchema.safeParse(json);
  if (!type.success) throw wrongField(file, 'model_type is missing, expected "siglip" or "siglip2"');
  const { model_type: modelType } = type.data;
  if (modelType !== 'siglip' && modelType !== 'siglip2') {
    throw new CheckpointError(
      file,
      `model_type is ${quote(modelType)}, expected "siglip" or "siglip2" (a two-tower model); use a SigLIP 2 checkpoint`,
    );
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) throw wrongField(file, firstIssue(parsed.error));
  const { text_config: text, prompt_templates: templates } = parsed.data;
  const config: ModelConfig = {
    vision: parseVision(parsed.data),
    text: parseText(text),
    ...(templates && { promptTemplates: templates }),
  };
  assertConsistent(config, file);
  return config;
}

const formatTower = (tower: TowerConfig) => ({
  hidden_size: tower.hiddenSize,
  intermediate_size: tower.intermediateSize,
  num_hidden_layers: tower.layers,
  num_attention_heads: tower.heads,
  layer_norm_eps: tower.layerNormEps,
  hidden_act: 'gelu_pytorch_tanh',
  attention_dropout: 0,
});

/** The `config.json` of a model, every field written out: the inverse of {@link parseConfig}. */
export function formatConfig({ vision, text, promptTemplates }: ModelConfig): Record<string, unknown> {
  const modelType = vision.kind === 'fixed' ? 'siglip' : 'siglip2';
  return {
    architectures: [vision.kind === 'fixed' ? 'SiglipModel' : 'Siglip2Model'],
    model_type: modelType,
    text_config: {
      model_type: `${modelType}_text_model`,
      ...formatTower(text),
      vocab_size: text.vocabSize,
      max_position_embeddings: text.length,
      projection_size: text.projectionSize,
      // Gemma's ids, where the class defaults are those of CLIP.
      pad_token_id: 0,
      eos_token_id: 1,
      bos_token_id: 2,
    },
    vision_config: {
      model_type: `${modelType}_vision_model`,
      ...formatTower(vision),
      patch_size: vision.patchSize,
      num_channels: vision.channels,
      vision_use_head: vision.useHead,
      ...(vision.kind === 'fixed' ? { image_size: vision.imageSize } : { num_patches: vision.numPatches }),
    },
    ...(promptTemplates && { prompt_templates: promptTemplates }),
  };
}
