import { HTTPException } from 'hono/http-exception';
import { LIMITS } from '../requests/limits.ts';
import { LongString } from '../requests/longString.ts';
import { fitsText } from '../schemas.ts';
import { dataUriFile, isDataUri } from './dataUri.ts';
import type { Item, ItemImage } from './item.ts';

const TEXT_LIMIT = `has more than the limit of ${LIMITS.textBytes} bytes`;
const FORMS = 'an item is a text, { "text": … } or { "image": … }';
const IMAGES =
  'write data:image/png;base64,… with the bytes of the file; names of files are not read, addresses begin with https://';

/** What is wrong with an item, and where in it. */
export class ItemFault extends Error {
  readonly path: readonly string[];
  constructor(message: string, path: readonly string[] = []) {
    super(message);
    this.path = path;
  }
}

function readText(value: unknown, path: readonly string[]): string {
  if (value instanceof LongString) throw new ItemFault(TEXT_LIMIT, path);
  if (typeof value !== 'string') throw new ItemFault('is no text', path);
  if (value.trim() === '') throw new ItemFault('is empty', path);
  if (!fitsText(value)) throw new ItemFault(TEXT_LIMIT, path);
  return value;
}

function readImage(value: unknown, name: string): ItemImage {
  const path = ['image'];
  if (typeof value !== 'string' && !(value instanceof LongString)) throw new ItemFault('is no string', path);
  if (isDataUri(value)) {
    try {
      return { kind: 'data', file: dataUriFile(value, name) };
    } catch (error) {
      if (error instanceof HTTPException) throw new ItemFault(error.message, path);
      throw error;
    }
  }
  if (value instanceof LongString || !/^https?:\/\//i.test(value))
    throw new ItemFault(`is no data URI: ${IMAGES}`, path);
  if (!URL.canParse(value)) throw new ItemFault('is no address that can be read', path);
  return { kind: 'url', url: value };
}

function readPicture(collection: unknown, id: unknown): ItemImage {
  if (typeof collection !== 'string') throw new ItemFault('is no name of a collection', ['collection']);
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0)
    throw new ItemFault('is no number of a picture', ['id']);
  return { kind: 'picture', collection, id };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LongString);

/**
 * Checks an item as it came.
 * @param name of its field, for errors about its image
 * @throws ItemFault
 */
export function readItem(value: unknown, name: string): Item {
  if (typeof value === 'string' || value instanceof LongString)
    return { kind: 'text', text: readText(value, []) };
  if (!isRecord(value)) throw new ItemFault(FORMS);
  const keys = Object.keys(value).sort().join();
  if (keys === 'text') return { kind: 'text', text: readText(value['text'], ['text']) };
  if (keys === 'image') return { kind: 'image', image: readImage(value['image'], name) };
  if (keys === 'collection,id')
    return { kind: 'image', image: readPicture(value['collection'], value['id']) };
  throw new ItemFault(`${FORMS}, with no other field`);
}
