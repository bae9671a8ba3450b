import { z } from '@hono/zod-openapi';
import { filterQuery } from './filterSchema.ts';
import { pictureSchema } from './pictureSchema.ts';

export const collectionsResponse = z
  .object({
    collections: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        fixed: z.boolean().openapi({ description: 'Whether it is only read: the pictures beside a model.' }),
        pictures: z.int(),
        searchable: z.boolean().openapi({ description: 'Whether it has vectors of the served model.' }),
        models: z.array(
          z.object({
            name: z.string(),
            pictures: z.int().openapi({ description: 'Pictures that have a vector of it.' }),
            served: z.boolean(),
          }),
        ),
        folders: z
          .array(z.object({ path: z.string(), indexed: z.number() }))
          .openapi({ description: 'What was indexed as a whole, and when, in milliseconds since 1970.' }),
        note: z.string().nullable().openapi({ description: 'What to know or to do about it.' }),
      }),
    ),
    note: z
      .string()
      .nullable()
      .openapi({ description: 'Why other collections are missing, where they cannot be reached.' }),
  })
  .openapi('Collections');

export const nameParam = z.object({
  name: z.string().openapi({ description: 'Of the collection.', example: 'emoji' }),
});

export const pictureParams = nameParam.extend({
  id: z
    .string()
    .regex(/^\d{1,15}$/, 'is no number of a picture')
    .transform(Number)
    .openapi({ type: 'integer' }),
});

export const idsQuery = filterQuery.extend({
  sort: z.enum(['added', 'taken']).default('added').openapi({
    description: 'Newest first: by when they came into the collection, or were taken (else changed).',
  }),
});

export const idsResponse = z
  .object({
    ids: z.array(z.int()),
    version: z.int().openapi({ description: 'Of the collection: it grows with each change.' }),
    cut: z.boolean().openapi({ description: 'Whether there are more than fit into the answer.' }),
  })
  .openapi('Ids');

/** Pictures that are described in one answer. */
const MOST_PICTURES = 500;

export const picturesRequest = z
  .object({
    ids: z
      .array(z.int().min(0))
      .min(1, 'needs at least one number')
      .max(MOST_PICTURES, `has more than the limit of ${MOST_PICTURES} numbers`),
  })
  .openapi('PicturesRequest');

export const picturesResponse = z
  .object({
    pictures: z
      .array(pictureSchema)
      .openapi({ description: 'In the order of the ids, without those that are gone.' }),
  })
  .openapi('Pictures');

export const thumbnailQuery = z.object({
  side: z
    .string()
    .regex(/^\d{2,3}$/, 'is no whole number from 64 to 640')
    .transform(Number)
    .refine((side) => side >= 64 && side <= 640, 'is no whole number from 64 to 640')
    .optional()
    .openapi({
      type: 'integer',
      minimum: 64,
      maximum: 640,
      description: 'Of its longer side. Default: 320.',
    }),
});
