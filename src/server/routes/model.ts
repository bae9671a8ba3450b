import { createRoute } from '@hono/zod-openapi';
import { modelResponse } from '../schemas.ts';
import type { Work } from '../service.ts';
import { type Route, routeApp } from './route.ts';

const route = createRoute({
  method: 'get',
  path: '/api/model',
  summary: 'What the model is, what it was trained on, and what it cannot do',
  responses: {
    200: { description: 'The model.', content: { 'application/json': { schema: modelResponse } } },
  },
});

export const modelRoute = {
  name: 'model',
  app({ model, bundle }: Work) {
    return routeApp().openapi(route, (context) =>
      context.json(
        {
          ...model,
          limits: [...model.limits],
          gallery: bundle
            ? {
                description: bundle.description,
                count: bundle.items.length,
                size: bundle.size,
              }
            : null,
        },
        200,
      ),
    );
  },
} satisfies Route;
