import { z } from '@hono/zod-openapi';
import { itemSchema } from '../../items/itemSchema.ts';
import { LIMITS } from '../../requests/limits.ts';
import { maxPatchesField } from '../fields.ts';
import { filterSchema } from './filterSchema.ts';
import { pictureSchema } from './pictureSchema.ts';

/** Texts of one query. */
const MOST_TEXTS = 16;
/** Pictures of the collection that one query starts from. */
const MOST_LIKE = 16;
/** Hits of one search. */
const MOST_HITS = 1000;
const DEFAULT_HITS = 24;

const text = z.string().trim().min(1, 'is empty').max(LIMITS.textBytes);

const parts = {
  texts: z.array(text).max(MOST_TEXTS, `has more than the limit of ${MOST_TEXTS} texts`).optional(),
  images: z
    .array(itemSchema('images'))
    .max(LIMITS.images, `has more than the limit of ${LIMITS.images} images`)
    .optional(),
  like: z
    .array(z.int().min(1))
    .max(MOST_LIKE, `has more than the limit of ${MOST_LIKE} pictures`)
    .optional()
    .openapi({ description: 'Pictures of the collection, by id.' }),
};

export const searchRequest = z
  .strictObject({
    collection: z
      .string()
      .optional()
      .openapi({ description: 'Default: the first that there is.', example: 'emoji' }),
    ...parts,
    not: z.strictObject(parts).optional().openapi({ description: 'What is not looked for.' }),
    filter: filterSchema.optional(),
    limit: z.int().min(1).max(MOST_HITS).default(DEFAULT_HITS),
    all: z
      .boolean()
      .default(false)
      .openapi({ description: 'Give the nearest, whether they fit or not. Otherwise those that fit.' }),
    grouped: z.boolean().default(true).openapi({
      description: 'Put frames of one video, pages of one document and copies behind the best of them.',
    }),
    max_patches: maxPatchesField,
  })
  .openapi('CollectionSearchRequest');

const probability = z.number().min(0).max(1);

export const searchResponse = z
  .object({
    collection: z.string(),
    fits: z.boolean().openapi({ description: 'Whether any picture fits.' }),
    cut_texts: z.array(z.string()).openapi({ description: 'Texts of which the model did not read the end.' }),
    milliseconds: z.number(),
    total: z.int().openapi({ description: 'Pictures that were looked at.' }),
    hits: z.array(
      pictureSchema.extend({
        score: z.number().openapi({ description: 'Cosine with the query.' }),
        probability,
        fits: z.boolean().openapi({ description: 'Whether it is above the cut-off.' }),
        more: z
          .array(z.object({ id: z.int(), title: z.string(), probability }))
          .openapi({ description: 'Pictures that would only repeat it, best first.' }),
      }),
    ),
  })
  .openapi('CollectionSearchResponse');
