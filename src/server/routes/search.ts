import { createRoute } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { rank } from '../../search/bundle/rank.ts';
import { JSON_BODY_BYTES } from '../requests/limits.ts';
import { receiveJson } from '../requests/receive.ts';
import { searchRequest, searchResponse } from '../schemas.ts';
import type { Work } from '../service.ts';
import { answers, jsonBody } from './answers.ts';
import { type Route, routeApp } from './route.ts';

const route = createRoute({
  method: 'post',
  path: '/api/search',
  summary: 'Pictures of the collection that match a text, best first',
  request: jsonBody(searchRequest),
  responses: answers('The best matches.', searchResponse),
});

export const searchRoute = {
  name: 'search',
  app({ encoder, bundle, reception }: Work) {
    return routeApp().openapi(
      { ...route, middleware: receiveJson(reception, JSON_BODY_BYTES) },
      async (context) => {
        if (!bundle) throw new HTTPException(404, { message: 'this model has no collection to search' });
        const { text, limit, variants } = context.req.valid('json');
        const query = await encoder.embedTexts([text]);
        const hits = rank(bundle, query, encoder.logitScalars, { limit, variants });
        return context.json({ text, hits }, 200);
      },
    );
  },
} satisfies Route;
