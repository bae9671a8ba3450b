import { createRoute } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { receiveItems } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { collectionAnswers } from './answers.ts';
import { searchRequest, searchResponse } from './searchSchemas.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/search',
  summary: 'Pictures of a collection that fit texts and images, best first',
  request: jsonBody(searchRequest),
  responses: collectionAnswers('The best pictures.', searchResponse),
});

const unready = (): never => {
  throw new HTTPException(501, { message: 'not yet' });
};

export const collectionSearchRoute = {
  name: 'collection search',
  app({ reception }: Work) {
    return routeApp().openapi({ ...route, middleware: receiveItems(reception) }, (context) =>
      context.json(unready(), 200),
    );
  },
} satisfies Route;
