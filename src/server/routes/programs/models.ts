import { createRoute, z } from '@hono/zod-openapi';
import type { Encoder } from '../../../encoder/encoder.ts';
import type { ModelInfo } from '../../modelInfo.ts';
import type { Work } from '../../service.ts';
import { v1Answers } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { modelId, servedModel } from './servedModel.ts';

const modelObject = z
  .object({
    id: z.string().openapi({ example: 'google/siglip2-base-patch16-naflex' }),
    object: z.literal('model'),
    created: z.int().openapi({ description: 'When it was loaded, in seconds since 1970.' }),
    owned_by: z.string(),
    width: z.int().openapi({ description: 'Width of the embeddings.' }),
    kind: z.enum(['fixed', 'naflex']),
    parameters: z.int(),
    max_patches: z.int().nullable().openapi({
      description: 'Most patches of an image unless a request says otherwise; null where there is one size.',
    }),
    image_tokens: z.int().nullable().openapi({
      description: 'Patches of every image; null where an image has as many as its shape allows.',
    }),
    text_tokens: z.int().openapi({
      description:
        'Most tokens of a text, the mark of its end among them; of a longer text it reads the beginning.',
    }),
    licence: z.string().nullable(),
    trained_on: z.string(),
    limits: z.array(z.string()),
  })
  .openapi('V1Model');

const modelsResponse = z
  .object({ object: z.literal('list'), data: z.array(modelObject) })
  .openapi('V1Models');

const listRoute = createRoute({
  method: 'get',
  path: '/v1/models',
  summary: 'The model that is served, in a list',
  responses: v1Answers('The models.', modelsResponse),
});

const oneRoute = createRoute({
  method: 'get',
  path: '/v1/models/{id}',
  summary: 'What a model is',
  request: {
    params: z.object({
      id: z.string().openapi({ description: 'Its name; slashes in it may stay.', example: 'siglip2-emoji' }),
    }),
  },
  responses: v1Answers('The model.', modelObject),
});

/** Who made a model, as far as its name tells. */
function ownerOf(id: string): string {
  if (id === 'siglip2-emoji') return 'siglip2';
  return /^([\w.-]+)\/[\w.-]+$/.exec(id)?.[1] ?? 'local';
}

const describe = (
  model: ModelInfo,
  { config }: Pick<Encoder, 'config'>,
  created: number,
): z.infer<typeof modelObject> => ({
  id: modelId(model),
  object: 'model',
  created,
  owned_by: ownerOf(modelId(model)),
  width: model.width,
  kind: model.kind,
  parameters: model.parameters,
  max_patches: model.maxPatches,
  image_tokens: config.vision.kind === 'fixed' ? config.vision.numPatches : null,
  text_tokens: config.text.length,
  licence: model.licence,
  trained_on: model.trainedOn,
  limits: [...model.limits],
});

export const modelsRoute = {
  name: 'v1 models',
  app({ model, encoder }: Work) {
    const one = describe(model, encoder, Math.floor(Date.now() / 1000));
    const app = routeApp()
      .openapi(listRoute, (context) => context.json({ object: 'list' as const, data: [one] }, 200))
      .openapi(oneRoute, (context) => {
        servedModel(model, context.req.valid('param').id);
        return context.json(one, 200);
      });
    // What OpenAPI calls a parameter has no slashes, but the names of models do.
    app.get('/v1/models/:id{.+}', (context) => {
      servedModel(model, context.req.param('id'));
      return context.json(one, 200);
    });
    return app;
  },
} satisfies Route;
