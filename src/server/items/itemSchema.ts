import { z } from '@hono/zod-openapi';
import { LIMITS } from '../requests/limits.ts';
import type { Item, ItemInput } from './item.ts';
import { ItemFault, readItem } from './readItem.ts';

/** A red square as a data URI, for documents. */
export const EXAMPLE_IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAMAAADz0U65AAAAA1BMVEXcHijCHWarAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQI12NgoA4AAABIAAH/myMhAAAAAElFTkSuQmCC';

/** What an item is, for the OpenAPI document. */
const DOCUMENTED: Record<string, unknown> = {
  type: ['string', 'object'],
  oneOf: [
    { type: 'string', description: 'A text.' },
    { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
    {
      type: 'object',
      required: ['image'],
      properties: {
        image: {
          type: 'string',
          description:
            'A data URI of a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF file in base64; or an address (http, https), where the server fetches them.',
          example: EXAMPLE_IMAGE,
        },
      },
    },
    {
      type: 'object',
      required: ['collection', 'id'],
      properties: { collection: { type: 'string' }, id: { type: 'integer' } },
      description: 'A picture of a collection.',
    },
  ],
};

/** A value from JSON, before it is looked at. */
const anything = <Input>() => z.custom<Input>((value) => value !== undefined, 'is missing');

/** What `read` gives; what is wrong with an item becomes what is wrong with the request. */
function told<T>(context: z.RefinementCtx, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ItemFault)) throw error;
    context.addIssue({ code: 'custom', message: error.message, path: [...error.path] });
    return z.NEVER;
  }
}

/**
 * One item of a JSON body that `receiveItems` takes in.
 * @param name of its field, for errors about an image
 */
export const itemSchema = (name: string) =>
  anything<ItemInput>()
    .transform((value, context): Item => told(context, () => readItem(value, name)))
    .openapi(DOCUMENTED);

const TOKENS =
  'is a list of token ids: send texts instead, since ids of another tokenizer would mean other words here';

const isTokens = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'number') && value.length > 0;

/** Several items, before each is looked at. @throws ItemFault */
function checkList(values: readonly unknown[], most: number): void {
  if (values.length === 0) throw new ItemFault('needs at least one item');
  if (isTokens(values) || values.some(isTokens)) throw new ItemFault(TOKENS);
  if (values.length > most)
    throw new ItemFault(
      `has ${values.length} items, more than the limit of ${most}: send them in several requests`,
    );
}

function checkImages(items: readonly Item[]): void {
  const images = items.filter(({ kind }) => kind === 'image').length;
  if (images > LIMITS.images)
    throw new ItemFault(
      `has ${images} images, more than the limit of ${LIMITS.images}: send them in several requests`,
    );
}

/** @throws ItemFault */
function readList(values: readonly unknown[], name: string, most: number): Item[] {
  checkList(values, most);
  const items = values.map((value, i) => {
    try {
      return readItem(value, `${name}.${i}`);
    } catch (error) {
      throw error instanceof ItemFault ? new ItemFault(error.message, [String(i), ...error.path]) : error;
    }
  });
  checkImages(items);
  return items;
}

/**
 * One item or a list of them.
 * @param name of its field, for errors about images: `input` is followed by the place (`input.3`)
 */
export const itemsSchema = (name: string, most: number = LIMITS.items) =>
  anything<ItemInput | readonly ItemInput[]>()
    .transform((value: unknown, context): Item[] =>
      told(context, () => (Array.isArray(value) ? readList(value, name, most) : [readItem(value, name)])),
    )
    .openapi({
      type: ['string', 'object', 'array'],
      oneOf: [DOCUMENTED, { type: 'array', items: DOCUMENTED, minItems: 1, maxItems: most }],
    });
