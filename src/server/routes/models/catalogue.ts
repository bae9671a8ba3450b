import { createRoute, z } from '@hono/zod-openapi';
import { requireOwner } from '../../access/owner.ts';
import { RequestError } from '../../requests/errors.ts';
import { LIMITS } from '../../requests/limits.ts';
import { receiveJson } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody, ownerErrors } from '../answers.ts';
import { jobJson, jobResponse } from '../jobs/schemas.ts';
import { type Route, routeApp } from '../route.ts';

const catalogueResponse = z
  .object({
    models: z.array(
      z.object({
        name: z.string().openapi({ description: 'What `POST /v1/jobs/model` takes.' }),
        title: z.string().openapi({ description: 'For people.' }),
        parameters: z.int(),
        bytes: z.int().openapi({ description: 'Of its weights, as they are downloaded.' }),
        kind: z.enum(['fixed', 'naflex']),
        resolution: z
          .int()
          .nullable()
          .openapi({ description: 'Side of its images in pixels; null for any size and aspect ratio.' }),
        cached: z.boolean().openapi({ description: 'Whether nothing has to be downloaded.' }),
        served: z.boolean(),
        local: z.boolean().openapi({ description: 'Whether it is a directory of this machine.' }),
      }),
    ),
  })
  .openapi('Catalogue');

const modelRequest = z
  .strictObject({
    model: z
      .string()
      .trim()
      .min(1, 'is empty')
      .max(8192, 'has more than 8192 characters')
      .refine((value) => !value.includes('\0'), 'has a NUL character')
      .openapi({
        description: 'A name of the catalogue or on the Hugging Face hub, or a directory.',
        example: 'google/siglip2-base-patch16-naflex',
      }),
    max_patches: z
      .int('is not a whole number')
      .min(1, 'is below 1')
      .max(LIMITS.patches, `is above the limit of ${LIMITS.patches}`)
      .optional()
      .openapi({ description: 'NaFlex models: most patches of an image. Default: the checkpoint’s.' }),
  })
  .openapi('ModelRequest');

const listRoute = createRoute({
  method: 'get',
  path: '/v1/catalogue',
  summary:
    'Models that can be served: those that were released, the embedded one, and the one that was named',
  responses: {
    200: { description: 'The models.', content: { 'application/json': { schema: catalogueResponse } } },
  },
});

const changeRoute = createRoute({
  method: 'post',
  path: '/v1/jobs/model',
  summary: 'Begins to load another model, which then takes the place of the one that is served',
  request: jsonBody(modelRequest),
  responses: {
    202: { description: 'The job.', content: { 'application/json': { schema: jobResponse } } },
    ...ownerErrors,
  },
});

/** Bytes of a body that names a model. */
const BODY_BYTES = 2 ** 16;

export const catalogueRoute = {
  name: 'catalogue',
  app({ access, models, reception }: Work) {
    return routeApp()
      .openapi(listRoute, async (context) => context.json({ models: (await models?.catalogue()) ?? [] }, 200))
      .openapi(
        { ...changeRoute, middleware: [requireOwner(access), receiveJson(reception, BODY_BYTES)] as const },
        (context) => {
          if (!models) throw new RequestError(409, 'this server serves the model that it was given');
          const { model, max_patches } = context.req.valid('json');
          return context.json(jobJson(models.change({ name: model, maxNumPatches: max_patches }), true), 202);
        },
      );
  },
} satisfies Route;
