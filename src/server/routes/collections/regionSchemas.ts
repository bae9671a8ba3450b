import { z } from '@hono/zod-openapi';
import { itemSchema } from '../../items/itemSchema.ts';
import { LIMITS } from '../../requests/limits.ts';
import { maxPatchesField } from '../fields.ts';

/** Texts of one heatmap. */
const MOST_TEXTS = 8;

const area = z.object({ x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number() }).openapi({
  description:
    'What the grid lies over, in shares of the picture: less than all of it where the model leaves edges unread, beyond 0 … 1 where it pads.',
});
const grid = { rows: z.int(), columns: z.int(), area };

export const heatmapRequest = z
  .strictObject({
    image: itemSchema('image'),
    texts: z
      .array(z.string().trim().min(1, 'is empty').max(LIMITS.textBytes))
      .min(1, 'needs at least one text')
      .max(MOST_TEXTS, `has more than the limit of ${MOST_TEXTS} texts`),
    max_patches: maxPatchesField,
    format: z.enum(['grid', 'png']).default('grid').openapi({
      description: 'Numbers, or a PNG file: the picture under the colours of the first text.',
    }),
  })
  .openapi('HeatmapRequest');

export const heatmapResponse = z
  .object({
    results: z.array(
      z.object({
        text: z.string(),
        probability: z.number().openapi({ description: 'That the whole picture matches the text.' }),
        ...grid,
        values: z.array(z.array(z.number())).openapi({
          description: 'Row by row, 0 … 1: from the least of this picture and text to the most.',
        }),
        least: z.number().openapi({ description: 'The cosine that 0 stands for.' }),
        most: z.number().openapi({ description: 'The cosine that 1 stands for.' }),
        box: area
          .nullable()
          .openapi({ description: 'Where the text stands out most, in shares of the picture.' }),
      }),
    ),
  })
  .openapi('HeatmapResponse');

const share = z.number().min(0).max(1);

export const patchesRequest = z
  .strictObject({
    image: itemSchema('image'),
    row: z.int().min(0).optional(),
    column: z.int().min(0).optional(),
    x: share
      .optional()
      .openapi({ description: 'In place of row and column: a point, in shares of the picture.' }),
    y: share.optional(),
    max_patches: maxPatchesField,
  })
  .refine(
    ({ row, column, x, y }) =>
      (row !== undefined && column !== undefined) || (x !== undefined && y !== undefined),
    'names no patch: give row and column, or x and y',
  )
  .openapi('PatchesRequest');

export const patchesResponse = z
  .object({
    ...grid,
    row: z.int().openapi({ description: 'Of the patch that all are compared with.' }),
    column: z.int(),
    values: z.array(z.array(z.number())).openapi({ description: 'Cosines of each patch with it.' }),
  })
  .openapi('PatchesResponse');
