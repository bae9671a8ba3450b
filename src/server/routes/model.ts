import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { modelResponse } from '../schemas.ts';
import type { Service } from '../service.ts';

const route = createRoute({
  method: 'get',
  path: '/api/model',
  summary: 'What the model is, what it was trained on, and what it cannot do',
  responses: {
    200: { description: 'The model.', content: { 'application/json': { schema: modelResponse } } },
  },
});

export function addModel(app: OpenAPIHono, { model, gallery }: Service) {
  return app.openapi(route, (context) =>
    context.json(
      {
        ...model,
        limits: [...model.limits],
        gallery: gallery
          ? {
              description: gallery.description,
              count: gallery.items.length,
              size: gallery.size,
            }
          : null,
      },
      200,
    ),
  );
}
