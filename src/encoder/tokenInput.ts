import { setImmediate } from 'node:timers/promises';
import type { TextTokenizer } from '../input/text/tokenizer/loadTokenizer.ts';
import { int32, type NdArray } from '../tensor/ndarray.ts';
import type { TokenCount } from './encoder.ts';

/** Characters that are tokenized at once: a few milliseconds, also where they are one word. */
const AT_ONCE = 8192;

/**
 * Some texts after the other, with the place of the first. Of each text only as much is looked at as the model reads, but a
 * word is merged whole, and a text may be one word; so other work of the process gets its turn after every few thousand
 * characters.
 */
async function* inTurns(texts: readonly string[]): AsyncGenerator<readonly [readonly string[], number]> {
  for (let start = 0; start < texts.length; ) {
    let end = start;
    let characters = 0;
    do characters += texts[end++]!.length;
    while (end < texts.length && characters + texts[end]!.length <= AT_ONCE);
    yield [texts.slice(start, end), start];
    start = end;
    if (start < texts.length) await setImmediate();
  }
}

/** Ids of texts, [texts, length], as `encodeBatch` gives them. */
export async function tokenInput(
  tokenizer: Pick<TextTokenizer, 'length' | 'encodeBatch'>,
  texts: readonly string[],
): Promise<NdArray<'int32'>> {
  const { length } = tokenizer;
  const ids = new Int32Array(texts.length * length);
  for await (const [some, start] of inTurns(texts)) ids.set(tokenizer.encodeBatch(some).data, start * length);
  return int32([texts.length, length], ids);
}

/** What of each text `tokenInput` has: its pieces, up to the length, and the mark of its end. */
export async function tokenCounts(
  tokenizer: Pick<TextTokenizer, 'length' | 'pieceIds'>,
  texts: readonly string[],
): Promise<TokenCount[]> {
  const { length } = tokenizer;
  const counts: TokenCount[] = [];
  for await (const [some] of inTurns(texts))
    for (const text of some) {
      const pieces = tokenizer.pieceIds(text, length).length;
      counts.push({ tokens: Math.min(pieces + 1, length), isCut: pieces >= length });
    }
  return counts;
}
