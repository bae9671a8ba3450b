import { createRoute, z } from '@hono/zod-openapi';
import { embedItems } from '../../items/embedItems.ts';
import { EXAMPLE_IMAGE, itemsSchema } from '../../items/itemSchema.ts';
import { badRequest } from '../../requests/errors.ts';
import { LIMITS } from '../../requests/limits.ts';
import { patchesFor } from '../../requests/patches.ts';
import { receiveItems } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody, v1Answers } from '../answers.ts';
import { maxPatchesField, usageSchema } from '../fields.ts';
import { type Route, routeApp } from '../route.ts';
import { modelField, servedModel } from './servedModel.ts';

const embeddingsRequest = z
  .strictObject({
    model: modelField,
    input: itemsSchema('input'),
    encoding_format: z.enum(['float', 'base64']).default('float').openapi({
      description: 'base64: of the bytes of little-endian float32 numbers.',
    }),
    dimensions: z.int().optional().openapi({
      description: 'Only the width of the model: it was not trained for shortened embeddings.',
    }),
    user: z.string().optional().openapi({ description: 'Is not looked at.' }),
    max_patches: maxPatchesField,
  })
  .openapi('EmbeddingsRequest');

const embeddingsResponse = z
  .object({
    object: z.literal('list'),
    model: z.string(),
    data: z.array(
      z.object({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]).openapi({
          description: 'Of unit length; as numbers or base64.',
        }),
      }),
    ),
    usage: usageSchema,
    truncated: z.array(z.int()).openapi({
      description: 'The places of those texts of which the model read the beginning only.',
    }),
  })
  .openapi('EmbeddingsResponse');

const route = createRoute({
  method: 'post',
  path: '/v1/embeddings',
  summary: 'Embeddings of texts and images, in one space',
  description: `At most ${LIMITS.items} items, of which ${LIMITS.images} may be images.`,
  request: jsonBody(embeddingsRequest, {
    model: 'siglip2-emoji',
    input: ['a red square', { text: '고양이' }, { image: EXAMPLE_IMAGE }],
    encoding_format: 'float',
  }),
  responses: v1Answers('One embedding an item, in the order of the items.', embeddingsResponse),
});

/** @throws HTTPException 400 for another width than the model's */
function checkDimensions(asked: number | undefined, width: number): void {
  if (asked === undefined || asked === width) return;
  throw badRequest(
    `dimensions: the embeddings of this model have ${width} numbers, and it was not trained for shortened ones: leave it out, or ask for ${width}`,
    'dimensions',
  );
}

/** The bytes of numbers in the order of OpenAI's, also where this machine has another. */
function base64Of(row: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(4 * row.length));
  row.forEach((value, i) => {
    bytes.setFloat32(4 * i, value, true);
  });
  return Buffer.from(bytes.buffer).toString('base64');
}

export const embeddingsRoute = {
  name: 'v1 embeddings',
  app(work: Work) {
    const { encoder, model, reception } = work;
    return routeApp().openapi({ ...route, middleware: receiveItems(reception) }, async (context) => {
      const asked = context.req.valid('json');
      const id = servedModel(model, asked.model);
      checkDimensions(asked.dimensions, encoder.width);
      const maxNumPatches = patchesFor(encoder, asked.max_patches, 'max_patches');
      const { signal } = context.req.raw;
      const { rows, tokens, cut } = await embedItems(work, asked.input, { signal, maxNumPatches });
      const written = asked.encoding_format === 'base64' ? base64Of : (row: Float32Array) => [...row];
      const data = rows.map((row, index) => ({
        object: 'embedding' as const,
        index,
        embedding: written(row),
      }));
      const usage = { prompt_tokens: tokens, total_tokens: tokens };
      return context.json({ object: 'list' as const, model: id, data, usage, truncated: cut }, 200);
    });
  },
} satisfies Route;
