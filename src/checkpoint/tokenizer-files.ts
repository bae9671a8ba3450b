import { z } from 'zod';

/** Gemma's end-of-sequence token, which closes every text. */
const EOS = { token: '<eos>', id: 1 } as const;

const sequence = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } });
const eos = (type_id: number) => ({ SpecialToken: { id: EOS.token, type_id } });

/** Text, then eos; no bos. Gemma's own files say the opposite (bos, no eos), which is wrong for SigLIP 2. */
const EOS_TEMPLATE = {
  type: 'TemplateProcessing',
  single: [sequence('A', 0), eos(0)],
  pair: [sequence('A', 0), eos(0), sequence('B', 1), eos(1)],
  special_tokens: { [EOS.token]: { id: EOS.token, ids: [EOS.id], tokens: [EOS.token] } },
};

const objectSchema = z.looseObject({});

/** The content of `tokenizer.json` with the post-processing that SigLIP 2 was trained with. */
export function siglipTokenizerJson(tokenizer: unknown): Record<string, unknown> {
  return { ...objectSchema.parse(tokenizer), post_processor: EOS_TEMPLATE };
}

/**
 * The content of `tokenizer_config.json` for texts of `length` tokens. Its class is the one that lower-cases, as
 * training did (transformers 5 and later); the released files name Gemma's, which does not.
 */
export const siglipTokenizerConfig = (length: number): Record<string, unknown> => ({
  add_bos_token: false,
  add_eos_token: true,
  bos_token: '<bos>',
  do_lower_case: true,
  eos_token: EOS.token,
  model_input_names: ['input_ids'],
  model_max_length: length,
  pad_token: '<pad>',
  padding_side: 'right',
  tokenizer_class: 'Siglip2Tokenizer',
  unk_token: '<unk>',
});
