import { z } from 'zod';
import { SPECIAL_IDS } from '../../input/text/tokenizer/vocabulary.ts';

/** Gemma's end-of-sequence token, which closes every text. */
const EOS = { token: '<eos>', id: SPECIAL_IDS.eos } as const;
const PAD = { token: '<pad>', id: SPECIAL_IDS.pad } as const;

const sequence = (id: 'A' | 'B', type_id: number) => ({ Sequence: { id, type_id } });
const eos = (type_id: number) => ({ SpecialToken: { id: EOS.token, type_id } });

/** Text, then eos; no bos. Gemma's own files say the opposite (bos, no eos), which is wrong for SigLIP 2. */
const EOS_TEMPLATE = {
  type: 'TemplateProcessing',
  single: [sequence('A', 0), eos(0)],
  pair: [sequence('A', 0), eos(0), sequence('B', 1), eos(1)],
  special_tokens: { [EOS.token]: { id: EOS.token, ids: [EOS.id], tokens: [EOS.token] } },
};

/** Exactly `length` ids a text, where Hugging Face's `tokenizers` looks for it. */
const fixedLength = (length: number) => ({
  truncation: { direction: 'Right', max_length: length, strategy: 'LongestFirst', stride: 0 },
  padding: {
    strategy: { Fixed: length },
    direction: 'Right',
    pad_to_multiple_of: null,
    pad_id: PAD.id,
    pad_type_id: 0,
    pad_token: PAD.token,
  },
});

const objectSchema = z.looseObject({});

/** The content of `tokenizer.json` with the closing token and the length of text that SigLIP 2 was trained with. */
export function siglipTokenizerJson(tokenizer: unknown, length: number): Record<string, unknown> {
  return { ...objectSchema.parse(tokenizer), ...fixedLength(length), post_processor: EOS_TEMPLATE };
}

/**
 * Where the classes of `transformers` look for the length: a call of the tokenizer that asks for "max_length" takes
 * `model_max_length`, a processor that is told nothing takes the other three (Siglip2Processor else pads to 64, and
 * SiglipProcessor not at all).
 */
const processorLength = (length: number) => ({
  model_max_length: length,
  max_length: length,
  padding: 'max_length',
  padding_side: 'right',
  truncation: true,
});

/**
 * The content of `tokenizer_config.json` for texts of `length` tokens. Its class is the one that lower-cases, as
 * training did (transformers 5 and later); the released files name Gemma's, which does not.
 * @param given the content that the file has already; the length alone is set in it.
 */
export function siglipTokenizerConfig(length: number, given?: unknown): Record<string, unknown> {
  if (given !== undefined) return { ...objectSchema.parse(given), ...processorLength(length) };
  return {
    add_bos_token: false,
    add_eos_token: true,
    bos_token: '<bos>',
    do_lower_case: true,
    eos_token: EOS.token,
    model_input_names: ['input_ids'],
    ...processorLength(length),
    pad_token: PAD.token,
    tokenizer_class: 'Siglip2Tokenizer',
    unk_token: '<unk>',
  };
}
