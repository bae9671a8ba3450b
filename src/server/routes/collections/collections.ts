import { createRoute } from '@hono/zod-openapi';
import { collectionOf } from '../../collections/collectionOf.ts';
import { describeCollections } from '../../collections/describeCollections.ts';
import { idsOf } from '../../collections/idsOf.ts';
import { seesWholePaths, shownPaths } from '../../collections/shownPaths.ts';
import { JSON_BODY_BYTES } from '../../requests/limits.ts';
import { receiveJson } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody, v1Answers } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { collectionAnswers } from './answers.ts';
import { filterOf } from './filterOf.ts';
import {
  collectionsResponse,
  idsQuery,
  idsResponse,
  nameParam,
  picturesRequest,
  picturesResponse,
} from './listSchemas.ts';
import { pictureJson } from './pictureJson.ts';

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
  request: { params: nameParam, ...jsonBody(picturesRequest, { ids: [1, 2] }) },
  responses: collectionAnswers('The pictures.', picturesResponse),
});

export const collectionsRoute = {
  name: 'collections',
  app(work: Work) {
    const { access, collections, model, reception } = work;
    return routeApp()
      .openapi(listRoute, async (context) => {
        const isWhole = seesWholePaths(context, access);
        return context.json(await describeCollections(collections, { isWhole, modelName: model.name }), 200);
      })
      .openapi(idsRoute, async (context) => {
        const { collection } = await collectionOf(work, context.req.valid('param').name);
        const { sort, ...filter } = context.req.valid('query');
        const paths = await shownPaths(collection, seesWholePaths(context, access));
        const { signal } = context.req.raw;
        return context.json(await idsOf(collection, { filter: filterOf(filter, paths), sort, signal }), 200);
      })
      .openapi({ ...picturesRoute, middleware: receiveJson(reception, JSON_BODY_BYTES) }, async (context) => {
        const served = await collectionOf(work, context.req.valid('param').name);
        const paths = await shownPaths(served.collection, seesWholePaths(context, access));
        const found = await served.collection.pictures(context.req.valid('json').ids);
        return context.json({ pictures: found.map((picture) => pictureJson(served, picture, paths)) }, 200);
      });
  },
} satisfies Route;
