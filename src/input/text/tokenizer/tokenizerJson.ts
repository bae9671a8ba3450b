import { z } from 'zod';
import { readJsonFile } from './readJsonFile.ts';
import { checkPlainBpe, normalizerForm, preTokenizerForm } from './tokenizerForm.ts';

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const addedToken = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string(),
  special: z.boolean().optional(),
  normalized: z.boolean().optional(),
  single_word: z.boolean().optional(),
  lstrip: z.boolean().optional(),
  rstrip: z.boolean().optional(),
});

// The vocabulary and the merges have up to 840,000 entries: they are checked in plain loops below, because a
// schema visit per entry would cost more than reading the file. What closes texts (post_processor) and what joins
// pieces (decoder) are not read, only kept: SigLIP 2's are known.
const tokenizerJson = z.looseObject({
  added_tokens: z.array(addedToken),
  normalizer: normalizerForm,
  pre_tokenizer: preTokenizerForm,
  post_processor: z.unknown(),
  decoder: z.unknown(),
  model: z
    .looseObject({
      type: z.literal('BPE'),
      unk_token: z.string().nullable().optional(),
      byte_fallback: z.literal(true),
      vocab: z.custom<Record<string, number>>(isPlainObject, 'expected an object from piece to id'),
      merges: z.custom<readonly (string | readonly [string, string])[]>(Array.isArray, 'expected a list'),
    })
    .superRefine(checkPlainBpe),
});

/** A Hugging Face `tokenizer.json` in the form of Gemma's: byte-fallback BPE over text whose spaces are "▁". */
export interface TokenizerJson {
  /** Tokens that are cut out of a text before its pieces are found. */
  readonly added_tokens: readonly {
    readonly id: number;
    readonly content: string;
    readonly special?: boolean;
    readonly normalized?: boolean;
    readonly single_word?: boolean;
    readonly lstrip?: boolean;
    readonly rstrip?: boolean;
  }[];
  readonly model: {
    readonly type: 'BPE';
    readonly unk_token?: string | null;
    readonly byte_fallback: true;
    /** Id of each piece. */
    readonly vocab: Readonly<Record<string, number>>;
    /** Pairs of pieces to join, first the ones to join first: `"left right"` or `["left", "right"]`. */
    readonly merges: readonly (string | readonly [string, string])[];
    readonly [field: string]: unknown;
  };
  /** What is kept as it is: `normalizer`, `pre_tokenizer`, `post_processor`, `decoder` and fields of others. */
  readonly [field: string]: unknown;
}

function checkMerges(merges: readonly unknown[], name: string): void {
  for (let i = 0; i < merges.length; i++) {
    const merge = merges[i];
    if (typeof merge === 'string' && merge.indexOf(' ') > 0) continue;
    if (Array.isArray(merge) && merge.length === 2 && merge.every((part) => typeof part === 'string'))
      continue;
    throw new Error(
      `${name}: model.merges[${i}] is ${JSON.stringify(merge)}; it has to be "left right" or ["left", "right"]`,
    );
  }
}

/**
 * Checks the form of a parsed `tokenizer.json`; `readVocabulary` checks its ids. Only the forms that Gemma's tokenizer
 * and those made from it have are accepted, so that nothing in a file is run: no regular expression, no other steps.
 * @param name what to call the file in errors.
 * @throws Error naming the file and the first field that is not as expected.
 */
export function parseTokenizerJson(value: unknown, name = 'tokenizer.json'): TokenizerJson {
  const result = tokenizerJson.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    const remedy = 'use the tokenizer.json of a SigLIP 2 or Gemma checkpoint';
    throw new Error(
      issue?.code === 'custom' && issue.path.length > 0
        ? `${name}: ${issue.path.join('.')} ${issue.message}; ${remedy}`
        : `${name}: ${issue?.path.join('.') || 'the file'} is not as in a byte-fallback BPE tokenizer (${issue?.message}); ${remedy}`,
    );
  }
  checkMerges(result.data.model.merges, name);
  return result.data;
}

/**
 * Reads and checks a `tokenizer.json` file.
 * @throws Error when the file is missing, is not JSON or is not a byte-fallback BPE tokenizer.
 */
export const readTokenizerJson = async (path: string): Promise<TokenizerJson> =>
  parseTokenizerJson(await readJsonFile(path), path);
