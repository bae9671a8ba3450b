import { readFile, stat } from 'node:fs/promises';
import { decodeText } from '../../input/text/textFile.ts';
import { CheckpointError, quote, unreadable } from './errors.ts';

/** Where the string that starts at `start` (a quote) ends: the index after its closing quote. */
export function stringEnd(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

/** Whether the next character after white space is a colon: the string before it was a key. */
function isKey(text: string, from: number): boolean {
  let i = from;
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\t' || text[i] === '\r') i++;
  return text[i] === ':';
}

/**
 * Refuses what `JSON.parse` would let through: a repeated key (it keeps the last one silently) and nesting deep
 * enough to cost memory. Text that is not JSON at all is left for `JSON.parse` to refuse.
 */
function assertPlain(text: string, file: string, maxDepth: number): void {
  // One per open bracket: the keys seen so far in an object, nothing for an array.
  const scopes: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; ) {
    const char = text[i];
    if (char === '"') {
      const end = stringEnd(text, i);
      const scope = scopes.at(-1);
      if (scope && isKey(text, end)) {
        const raw = text.slice(i, end);
        // Escapes can spell one key in two ways.
        const key = raw.includes('\\') ? String(parseOrThrow(raw, file)) : raw.slice(1, -1);
        if (scope.has(key)) throw unreadable(file, `the key ${quote(key)} appears twice`);
        scope.add(key);
      }
      i = end;
      continue;
    }
    if (char === '{' || char === '[') {
      if (scopes.length >= maxDepth) throw unreadable(file, `JSON is nested deeper than ${maxDepth} levels`);
      scopes.push(char === '{' ? new Set() : undefined);
    } else if (char === '}' || char === ']') scopes.pop();
    i++;
  }
}

function parseOrThrow(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, `invalid JSON (${quote(String(cause), 160)})`, { cause });
  }
}

/**
 * Parses JSON from a file that is not trusted.
 * @throws CheckpointError for invalid JSON, a repeated key or nesting beyond `maxDepth`.
 */
export function parseJson(text: string, file: string, maxDepth = 32): unknown {
  assertPlain(text, file, maxDepth);
  return parseOrThrow(text, file);
}

/** Text from bytes that must be UTF-8. */
export function decodeUtf8(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(file, 'text is not valid UTF-8', { cause });
  }
}

/** Text of a file that a person or another program may have saved: UTF-8, or UTF-16 with a byte-order mark. */
function textOf(bytes: Uint8Array, file: string): string {
  try {
    return decodeText(bytes, file);
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message.replace(`${file}: `, '') : String(cause);
    throw new CheckpointError(file, fault, { cause });
  }
}

/**
 * Reads and parses a JSON file of at most `maxBytes`: UTF-8, or UTF-16 with a byte-order mark.
 * @example
 * const value = await readJson('settings.json');
 */
export async function readJson(file: string, maxBytes = 64 * 2 ** 20): Promise<unknown> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new CheckpointError(file, 'cannot be read; check that the file exists', { cause });
  });
  if (size > maxBytes)
    throw new CheckpointError(
      file,
      `has ${size} bytes, more than the limit of ${maxBytes}; check that it is the right file`,
    );
  return parseJson(textOf(await readFile(file), file), file);
}
