import { createRoute } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { JSON_BODY_BYTES } from '../../requests/limits.ts';
import { receiveJson } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody, v1Answers } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { collectionAnswers } from './answers.ts';
import {
  collectionsResponse,
  idsQuery,
  idsResponse,
  nameParam,
  picturesRequest,
  picturesResponse,
} from './listSchemas.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/v1/collections',
  summary: 'Collections that can be searched',
  responses: v1Answers('All collections, the fixed ones first.', collectionsResponse),
});

const idsRoute = createRoute({
  method: 'get',
  path: '/v1/collections/{name}/ids',
  summary: 'Ids of all pictures of a collection, newest first',
  request: { params: nameParam, query: idsQuery },
  responses: collectionAnswers('At most 1,000,000 ids.', idsResponse),
});

const picturesRoute = createRoute({
  method: 'post',
  path: '/v1/collections/{name}/pictures',
  summary: 'What is known of some pictures',
  request: { params: nameParam, ...jsonBody(picturesRequest) },
  responses: collectionAnswers('The pictures.', picturesResponse),
});

const unready = (): never => {
  throw new HTTPException(501, { message: 'not yet' });
};

export const collectionsRoute = {
  name: 'collections',
  app({ reception }: Work) {
    return routeApp()
      .openapi(listRoute, (context) => context.json({ collections: [], note: null }, 200))
      .openapi(idsRoute, (context) => context.json(unready(), 200))
      .openapi({ ...picturesRoute, middleware: receiveJson(reception, JSON_BODY_BYTES) }, (context) =>
        context.json(unready(), 200),
      );
  },
} satisfies Route;
