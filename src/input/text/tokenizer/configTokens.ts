import { z } from 'zod';
import { readJsonFile } from './readJsonFile.ts';
import type { TokenizerJson } from './tokenizerJson.ts';

const token = z.union([z.string(), z.looseObject({ content: z.string() })]);
type Token = z.infer<typeof token>;

const configSchema = z.looseObject({
  extra_special_tokens: z.union([z.array(token), z.record(z.string(), token)]).nullish(),
  additional_special_tokens: z.array(token).nullish(),
});

/** The special tokens that `transformers` knows by name, in its order. */
const NAMED = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];
/** What Gemma's and SigLIP 2's classes name without being told. */
const CLASS_DEFAULTS = { mask_token: '<mask>' };

const contentOf = (value: Token): string => (typeof value === 'string' ? value : value.content);

/**
 * Special tokens that a `tokenizer_config.json` names, in the order in which `transformers` gives numbers to those that
 * tokenizer.json lacks.
 * @param config the parsed file; undefined where there is none: `<mask>` is named by the class.
 * @throws Error naming the file and the field.
 */
function configTokens(config: unknown, file = 'tokenizer_config.json'): string[] {
  const parsed = configSchema.safeParse(config ?? {});
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'the file';
    throw new Error(`${file}: ${field} has to be a list of tokens, or of names and tokens; correct it`);
  }
  const fields: Record<string, unknown> = { ...CLASS_DEFAULTS, ...parsed.data };
  const tokenAt = (name: string): string[] => {
    const value = token.safeParse(fields[name]);
    return value.success ? [contentOf(value.data)] : [];
  };
  const others = Object.keys(parsed.data).filter((name) => name.endsWith('_token') && !NAMED.includes(name));
  const { extra_special_tokens: extra, additional_special_tokens: old } = parsed.data;
  const listed = [extra, old].map((tokens) => Object.values(tokens ?? {})).find(({ length }) => length > 0);
  return [...[...NAMED, ...others].flatMap(tokenAt), ...(listed ?? []).map(contentOf)];
}

/** A tokenizer.json that lists special tokens which it lacks, after its own. */
export function withNamedTokens(json: TokenizerJson, named: readonly string[]): TokenizerJson {
  // Of two with one number only the later one counts.
  const byId = new Map(json.added_tokens.map(({ id, content }) => [id, content]));
  const known = new Set(byId.values());
  const first = json.added_tokens.reduce((last, { id }) => Math.max(last, id), -1) + 1;
  const missing = [...new Set(named)].filter((content) => !known.has(content));
  const flags = { special: true, normalized: false, single_word: false, lstrip: false, rstrip: false };
  const added = missing.map((content, i) => ({ id: first + i, content, ...flags }));
  return { ...json, added_tokens: [...json.added_tokens, ...added] };
}

/** The special tokens that the `tokenizer_config.json` beside a `tokenizer.json` names, see {@link configTokens}. */
export async function readConfigTokens(tokenizerPath: string): Promise<string[]> {
  const path = tokenizerPath.replace(/[^/\\]*$/, 'tokenizer_config.json');
  const missing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT';
  const config = await readJsonFile(path).catch((error: unknown) => {
    if (missing(error)) return undefined;
    throw error;
  });
  return configTokens(config, path);
}
