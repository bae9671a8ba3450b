import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { parseJson } from '../../checkpoint/json.ts';
import { fileBytes, textLines, textPieces } from '../../input/text/textFile.ts';
import type { BadReason } from '../sample.ts';
import { firstIssue, type SampleText, sampleJson, sampleText } from '../sampleText.ts';
import { messageOf } from './read.ts';
import { MAX_TEXT_BYTES } from './source.ts';

/** Names of files that say the captions of the images beside them. */
export const CAPTION_FILES: ReadonlySet<string> = new Set(
  ['captions', 'metadata'].flatMap((stem) => [`${stem}.jsonl`, `${stem}.csv`]),
);

/** What one line says, or why it can't be used. */
export type CaptionRow =
  | { readonly path: string; readonly said: SampleText; readonly reason?: undefined }
  | { readonly key: string; readonly reason: BadReason; readonly detail: string };

/** The image's path, as several tools spell the field. */
const rowSchema = sampleJson
  .extend({
    file_name: z.string().nullish(),
    file: z.string().nullish(),
    filename: z.string().nullish(),
    image: z.string().nullish(),
    path: z.string().nullish(),
  })
  .transform(({ file_name, file, filename, image, path, ...rest }) => ({
    path: file_name ?? file ?? filename ?? image ?? path,
    said: rest,
  }));

/**
 * The lines of a caption file; paths become relative to the root, as the file's own path is. A line that can't be read
 * is a row with a reason; a CSV file that is malformed ends with one.
 * @throws Error naming file and line where it is no text
 */
export async function* captionRows(
  root: string,
  file: string,
  language?: string,
): AsyncGenerator<CaptionRow> {
  const objects = file.endsWith('.csv')
    ? csvObjects(posix.join(root, file))
    : jsonLines(posix.join(root, file));
  let line = file.endsWith('.csv') ? 1 : 0;
  for await (const { value, error, blank } of objects) {
    line++;
    const key = `${file}:${line}`;
    if (blank) continue;
    if (error !== undefined) {
      yield { key, reason: 'malformed-metadata', detail: error };
      continue;
    }
    const row = rowSchema.safeParse(value);
    if (!row.success) yield { key, reason: 'malformed-metadata', detail: firstIssue(row.error) };
    else if (!row.data.path)
      yield { key, reason: 'malformed-metadata', detail: 'names no image (file_name, file, image or path)' };
    else yield located(key, posix.dirname(file), row.data.path, sampleText(row.data.said, language));
  }
}

/** The row's image must lie in the root. */
function located(key: string, folder: string, path: string, said: SampleText): CaptionRow {
  const slashed = path.replaceAll('\\', '/');
  const joined = posix.normalize(posix.join(folder, slashed));
  const leaves = /^(\/|[a-z]:)/i.test(slashed) || joined === '..' || joined.startsWith('../');
  return leaves
    ? { key, reason: 'unsafe-path', detail: `${path} leads out of the folder` }
    : { path: joined, said };
}

interface Parsed {
  readonly value?: unknown;
  readonly error?: string;
  readonly blank?: boolean;
}

async function* jsonLines(path: string): AsyncGenerator<Parsed> {
  for await (const line of textLines(fileBytes(path), path)) {
    const text = line.trim();
    if (text === '') yield { blank: true };
    else yield parsed(text);
  }
}

function parsed(text: string): Parsed {
  try {
    return { value: parseJson(text, 'line') };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

async function* csvObjects(path: string): AsyncGenerator<Parsed> {
  let unreadable: Error | undefined;
  const pieces = Readable.from(textPieces(fileBytes(path), path));
  const rows = pieces.pipe(
    parse({
      columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()),
      skip_empty_lines: true,
      max_record_size: MAX_TEXT_BYTES,
    }),
  );
  // What is no text is no bad line: the file is refused.
  pieces.on('error', (error) => {
    unreadable = error;
    rows.destroy(error);
  });
  try {
    for await (const value of rows) yield { value };
  } catch (error) {
    if (unreadable) throw unreadable;
    yield { error: `${messageOf(error)}; the rest of the file is skipped` };
  }
}
