import { z } from 'zod';
import type { Read } from '../sample.ts';
import { captionOf, firstIssue } from '../sampleText.ts';
import type { ParquetColumns } from './parquetColumns.ts';
import { badRead, captionedRead } from './read.ts';
import { MAX_IMAGE_BYTES, type SourceOptions } from './source.ts';

const bytes = z.instanceof(Uint8Array);
const text = z.union([z.string(), bytes.transform((value) => new TextDecoder().decode(value))]);

const rowSchema = z.object({
  /** Bytes, or the hub's `Image` feature. A string is a path or a URL: nothing that is in the file. */
  image: z
    .union([
      bytes,
      z.object({ bytes: bytes.nullish() }).transform((image) => image.bytes),
      z.string().transform(() => null),
    ])
    .nullish(),
  caption: z.union([text, z.array(text.nullable())]).nullish(),
  key: z.union([text, z.number(), z.bigint()]).nullish(),
  language: text.nullish(),
});

/** A row as a sample. */
export function readRow(
  row: Readonly<Record<string, unknown>>,
  columns: ParquetColumns,
  name: string,
  source: string,
  options: SourceOptions,
): Read {
  const at = (column: string | undefined): unknown => (column === undefined ? undefined : row[column]);
  const parsed = rowSchema.safeParse({
    image: at(columns.image),
    caption: at(columns.caption),
    key: at(columns.key),
    language: at(columns.language),
  });
  if (!parsed.success) return badRead(source, name, 'malformed-metadata', firstIssue(parsed.error));
  const { image, caption, key: ownKey, language } = parsed.data;
  const key = ownKey == null || ownKey === '' ? name : String(ownKey);
  if (!image || image.length === 0)
    return badRead(source, key, 'missing-image', `${columns.image} holds no bytes`);
  const limit = options.maxImageBytes ?? MAX_IMAGE_BYTES;
  if (image.length > limit)
    return badRead(
      source,
      key,
      'too-large',
      `the image has ${image.length} bytes, more than the limit of ${limit}`,
    );
  const captions = (Array.isArray(caption) ? caption : [caption])
    .map((one) => captionOf(one ?? '', language || options.language))
    .filter((one) => one.text !== '');
  // A copy: the bytes of the whole row group would stay in memory with them.
  return captionedRead({ key, source, image: image.slice(), captions }, options);
}
