import { z } from 'zod';
import { badRead } from '../../samples/badRead.ts';
import type { Read } from '../../samples/sample.ts';
import { captionOf, firstIssue } from '../../samples/sampleText.ts';
import { captionedRead } from '../captionedRead.ts';
import { MAX_IMAGE_BYTES, type SourceOptions } from '../source.ts';
import type { ClassNames } from './classNames.ts';
import type { ParquetColumns } from './columns.ts';

const bytes = z.instanceof(Uint8Array);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const text = z.union([z.string(), bytes]);
const integer = z.union([z.int(), z.bigint().transform(Number)]);

const imageSchema = z
  .union([
    bytes,
    // The hub's `Image` feature.
    z.object({ bytes: bytes.nullish() }).transform((image) => image.bytes),
    // A path or a URL: nothing that is in the file.
    z.string().transform(() => null),
  ])
  .nullish();
const captionSchema = z.union([text, z.array(text.nullable())]).nullish();

/** Text from text or bytes; undefined for bytes that are not UTF-8. */
function decoded(value: string | Uint8Array): string | undefined {
  try {
    return typeof value === 'string' ? value : utf8.decode(value);
  } catch {
    return undefined;
  }
}

/** What nobody needs costs no sample when it is odd. */
function optionalText(value: unknown): string | undefined {
  const stated = text.safeParse(value);
  return stated.success ? decoded(stated.data) : undefined;
}

function optionalKey(value: unknown): string | undefined {
  const number = integer.safeParse(value);
  return number.success ? String(number.data) : optionalText(value);
}

/** A row as a sample. */
export function readRow(
  row: Readonly<Record<string, unknown>>,
  columns: ParquetColumns,
  name: string,
  source: string,
  options: SourceOptions,
  classes?: ClassNames,
): Read {
  const at = (column: string | undefined): unknown => (column === undefined ? undefined : row[column]);
  const key = optionalKey(at(columns.key)) || name;
  const image = imageSchema.safeParse(at(columns.image));
  if (!image.success)
    return badRead(source, key, 'malformed-metadata', `${columns.image}: ${firstIssue(image.error)}`);
  const pixels = image.data;
  if (!pixels || pixels.length === 0)
    return badRead(source, key, 'missing-image', `${columns.image} holds no bytes`);
  const limit = options.maxImageBytes ?? MAX_IMAGE_BYTES;
  if (pixels.length > limit) {
    const detail = `the image has ${pixels.length} bytes, more than the limit of ${limit}`;
    return badRead(source, key, 'too-large', detail);
  }
  const said = captionsOf(at(columns.caption), classes);
  if (typeof said === 'string')
    return badRead(source, key, 'malformed-metadata', `${columns.caption}: ${said}`);
  const language = optionalText(at(columns.language)) || options.language;
  const captions = said.map((one) => captionOf(one, language)).filter((one) => one.text !== '');
  // A copy: the bytes of the whole row group would stay in memory with them.
  return captionedRead({ key, source, image: pixels.slice(), captions }, options);
}

/** Texts, or what is wrong. */
function captionsOf(value: unknown, classes: ClassNames | undefined): string[] | string {
  const number = integer.safeParse(value);
  if (number.success) {
    const found = classes?.[number.data];
    if (found !== undefined) return [found];
    return classes
      ? `there is no class ${number.data}; ${classes.length} are named`
      : `is the number ${number.data}, and nothing in the file names its classes: choose a column of texts`;
  }
  const texts = captionSchema.safeParse(value);
  if (!texts.success) return firstIssue(texts.error);
  const stated = texts.data ?? [];
  const listed = Array.isArray(stated) ? stated : [stated];
  const read = listed.map((one) => decoded(one ?? ''));
  return read.every((one) => one !== undefined) ? read : 'is not valid UTF-8';
}
