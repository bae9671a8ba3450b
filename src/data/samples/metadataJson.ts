import { parseJson, stringEnd } from '../../checkpoint/files/json.ts';

/** What Python writes for numbers that JSON has none for. */
const NO_NUMBER = /-?(?:NaN|Infinity)/y;

/**
 * JSON with `null` where Python wrote a bare NaN or Infinity: a missing number of a table, most often. Strings stay as
 * they are.
 */
function withoutNaN(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; ) {
    if (text[i] === '"') {
      i = stringEnd(text, i);
      continue;
    }
    NO_NUMBER.lastIndex = i;
    const found = NO_NUMBER.exec(text)?.[0];
    if (found) {
      parts.push(text.slice(from, i), 'null');
      from = i + found.length;
    }
    i += found?.length ?? 1;
  }
  parts.push(text.slice(from));
  return parts.join('');
}

/**
 * Parses metadata that programs wrote beside an image.
 * @throws CheckpointError for what is no JSON even so
 */
export const parseMetadata = (text: string, name: string): unknown =>
  parseJson(/NaN|Infinity/.test(text) ? withoutNaN(text) : text, name);
