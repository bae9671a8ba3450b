import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { receiveItems } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { collectionAnswers } from './answers.ts';
import { heatmapRequest, heatmapResponse, patchesRequest, patchesResponse } from './regionSchemas.ts';

const heatmapAnswers = collectionAnswers('Where the picture shows each text.', heatmapResponse);

const heatmapRoute = createRoute({
  method: 'post',
  path: '/v1/heatmap',
  summary: 'Where a picture shows what texts say',
  request: jsonBody(heatmapRequest),
  responses: {
    ...heatmapAnswers,
    200: {
      description: heatmapAnswers[200].description,
      content: { ...heatmapAnswers[200].content, 'image/png': { schema: z.string() } },
    },
  },
});

const patchesRoute = createRoute({
  method: 'post',
  path: '/v1/patches',
  summary: 'How much each patch of a picture is like one of them',
  request: jsonBody(patchesRequest),
  responses: collectionAnswers('Cosines of the patches.', patchesResponse),
});

const unready = (): never => {
  throw new HTTPException(501, { message: 'not yet' });
};

export const regionsRoute = {
  name: 'regions',
  app({ reception }: Work) {
    const middleware = receiveItems(reception);
    return routeApp()
      .openapi({ ...heatmapRoute, middleware }, (context) => context.json(unready(), 200))
      .openapi({ ...patchesRoute, middleware }, (context) => context.json(unready(), 200));
  },
} satisfies Route;
