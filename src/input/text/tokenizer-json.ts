import { z } from 'zod';

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const addedToken = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string().min(1),
  special: z.boolean().optional(),
  normalized: z.boolean().optional(),
});

// The vocabulary and the merges have up to 840,000 entries: they are checked in plain loops below, because a
// schema visit per entry would cost more than reading the file.
const tokenizerJson = z.looseObject({
  added_tokens: z.array(addedToken),
  normalizer: z.looseObject({ type: z.string() }).nullable(),
  pre_tokenizer: z.looseObject({ type: z.string() }).nullable(),
  post_processor: z.looseObject({ type: z.string() }).nullable(),
  decoder: z.looseObject({ type: z.string() }).nullable(),
  model: z.looseObject({
    type: z.literal('BPE'),
    unk_token: z.string().nullable().optional(),
    byte_fallback: z.literal(true),
    vocab: z.custom<Record<string, number>>(isPlainObject, 'expected an object from piece to id'),
    merges: z.custom<readonly (string | readonly [string, string])[]>(Array.isArray, 'expected a list'),
  }),
});

/** A Hugging Face `tokenizer.json` with a byte-fallback BPE model: what Gemma's tokenizer is. */
export type TokenizerJson = z.infer<typeof tokenizerJson>;

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
 * Checks the form of a parsed `tokenizer.json`; `readVocabulary` checks its ids.
 * @param name what to call the file in errors.
 * @throws Error naming the first field that is not as expected.
 */
export function parseTokenizerJson(value: unknown, name = 'tokenizer.json'): TokenizerJson {
  const result = tokenizerJson.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Error(
      `${name}: ${issue?.path.join('.') || 'the file'} is not as in a byte-fallback BPE tokenizer (${issue?.message}); use the tokenizer.json of a SigLIP 2 or Gemma checkpoint`,
    );
  }
  checkMerges(result.data.model.merges, name);
  return result.data;
}

/**
 * Reads and checks a `tokenizer.json` file.
 * @throws Error when the file is missing, is not JSON or is not a byte-fallback BPE tokenizer.
 */
export async function readTokenizerJson(path: string): Promise<TokenizerJson> {
  // Imported here so that a browser bundle, which passes the parsed object, needs no file system.
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(path, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not valid JSON (${(error as Error).message}); fetch the file again`);
  }
  return parseTokenizerJson(value, path);
}
