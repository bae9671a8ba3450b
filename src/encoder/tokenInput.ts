import { setImmediate } from 'node:timers/promises';
import type { TextTokenizer } from '../input/text/tokenizer/loadTokenizer.ts';
import { int32, type NdArray } from '../tensor/ndarray.ts';

/** Characters that are tokenized at once: a few milliseconds, also where they are one word. */
const AT_ONCE = 8192;

/**
 * Ids of texts, [texts, length], as `encodeBatch` gives them. Of each text only as much is looked at as the model reads,
 * but a word is merged whole, and a text may be one word; so other work of the process gets its turn after every few
 * thousand characters.
 */
export async function tokenInput(
  tokenizer: Pick<TextTokenizer, 'length' | 'encodeBatch'>,
  texts: readonly string[],
): Promise<NdArray<'int32'>> {
  const { length } = tokenizer;
  const ids = new Int32Array(texts.length * length);
  for (let start = 0; start < texts.length; ) {
    let end = start;
    let characters = 0;
    do characters += texts[end++]!.length;
    while (end < texts.length && characters + texts[end]!.length <= AT_ONCE);
    ids.set(tokenizer.encodeBatch(texts.slice(start, end)).data, start * length);
    start = end;
    if (start < texts.length) await setImmediate();
  }
  return int32([texts.length, length], ids);
}
