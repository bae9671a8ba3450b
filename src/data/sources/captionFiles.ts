import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';
import { fileBytes, textLines, textPieces } from '../../input/text/textFile.ts';
import { messageOf } from '../samples/badRead.ts';
import { parseMetadata } from '../samples/metadataJson.ts';
import type { BadReason } from '../samples/sample.ts';
import { type SampleText, sampleText } from '../samples/sampleText.ts';
import { MAX_TEXT_BYTES } from './source.ts';

/** Names of files that say the captions of the images beside them. */
export const CAPTION_FILES: ReadonlySet<string> = new Set(
  ['captions', 'metadata'].flatMap((stem) => [`${stem}.jsonl`, `${stem}.csv`]),
);

/** What one line says, or why it can't be used. */
export type CaptionRow =
  | { readonly key: string; readonly path: string; readonly said: SampleText; readonly reason?: undefined }
  | { readonly key: string; readonly reason: BadReason; readonly detail: string };

/** Fields with the image's path, as several tools spell them. */
const PATHS = ['file_name', 'file', 'filename', 'image', 'path'] as const;

function pathIn(row: object): string | undefined {
  for (const name of PATHS) {
    const path: unknown = Reflect.get(row, name);
    if (typeof path === 'string' && path !== '') return path;
  }
  return undefined;
}

/**
 * The lines of a caption file; paths become relative to the root, as the file's own path is. A line that can't be read
 * is a row with a reason, which costs no other line.
 * @throws Error naming file and line where it is no text
 */
export async function* captionRows(
  root: string,
  file: string,
  language?: string,
): AsyncGenerator<CaptionRow> {
  const path = posix.join(root, file);
  for await (const { line, value, error } of file.endsWith('.csv') ? csvObjects(path) : jsonLines(path)) {
    const key = `${file}:${line}`;
    const bad = (detail: string): CaptionRow => ({ key, reason: 'malformed-metadata', detail });
    if (error !== undefined) {
      yield bad(error);
      continue;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      yield bad('is no JSON object');
      continue;
    }
    const image = pathIn(value);
    const said = sampleText(value, language);
    if (image === undefined) yield bad(`names no image (${PATHS.join(', ')})`);
    // It says nothing else that could be used.
    else if (said.odd && said.captions.length === 0 && !said.regions) yield bad(said.odd[0]!);
    else yield located(key, posix.dirname(file), image, said);
  }
}

/** The row's image must lie in the root. */
function located(key: string, folder: string, path: string, said: SampleText): CaptionRow {
  const slashed = path.replaceAll('\\', '/');
  const joined = posix.normalize(posix.join(folder, slashed));
  const leaves = /^(\/|[a-z]:)/i.test(slashed) || joined === '..' || joined.startsWith('../');
  return leaves
    ? { key, reason: 'unsafe-path', detail: `${path} leads out of the folder` }
    : { key, path: joined, said };
}

/** A line, or why it can't be used. */
interface Parsed {
  readonly line: number;
  readonly value?: unknown;
  readonly error?: string;
}

async function* jsonLines(path: string): AsyncGenerator<Parsed> {
  let line = 0;
  for await (const text of textLines(fileBytes(path), path)) {
    line++;
    if (text.trim() !== '') yield { line, ...parsed(text.trim()) };
  }
}

function parsed(text: string): Omit<Parsed, 'line'> {
  try {
    return { value: parseMetadata(text, 'line') };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

/** Separators that programs put in place of commas, and what they are called. */
const SEPARATORS = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' } as const;

/** Why a header can't be read by. */
function headerFlaw(names: readonly string[]): string | undefined {
  if (PATHS.some((path) => names.includes(path))) return undefined;
  const other = Object.entries(SEPARATORS).find(([separator]) =>
    names.some((name) => name.split(separator).some((part) => PATHS.some((path) => path === part.trim()))),
  );
  if (other) return `its columns are separated by ${other[1]}: separate them by commas`;
  return `its header has no column with the images' names: ${names.join(', ')}: name one ${PATHS.join(' or ')}`;
}

async function* csvObjects(path: string): AsyncGenerator<Parsed> {
  let unreadable: Error | undefined;
  let flaw: string | undefined;
  const skipped: Parsed[] = [];
  const pieces = Readable.from(textPieces(fileBytes(path), path));
  const rows = pieces.pipe(
    parse({
      columns: (header: string[]) => {
        const names = header.map((name) => name.trim().toLowerCase());
        flaw = headerFlaw(names);
        return names;
      },
      info: true,
      skip_empty_lines: true,
      skip_records_with_error: true,
      max_record_size: MAX_TEXT_BYTES,
    }),
  );
  // What is no text is no bad line: the file is refused.
  pieces.on('error', (error) => {
    unreadable = error;
    rows.destroy(error);
  });
  rows.on('skip', (error: CsvError) => {
    const line = Number(error['lines'] ?? 0);
    // One line can be wrong in several places.
    if (skipped.at(-1)?.line !== line) skipped.push({ line, error: error.message });
  });
  let line = 1;
  try {
    for await (const { record, info } of rows as AsyncIterable<{ record: unknown; info: Info }>) {
      if (flaw !== undefined) break;
      line = info.lines;
      yield* skipped.splice(0);
      yield { line, value: record };
    }
    if (flaw !== undefined) yield { line: 1, error: `${flaw}; no line of it is used` };
    else yield* skipped;
  } catch (error) {
    if (unreadable) throw unreadable;
    yield { line: line + 1, error: `${messageOf(error)}; the rest of the file is skipped` };
  }
}
