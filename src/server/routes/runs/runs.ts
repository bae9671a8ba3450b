import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { Work } from '../../service.ts';
import { eventAnswers, v1Error } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { runParams, runResponse, runsResponse, sampleParams } from './schemas.ts';

const noRun = { 404: v1Error('There is no such run.') };

const listRoute = createRoute({
  method: 'get',
  path: '/v1/runs',
  summary: 'Training runs, the latest first',
  responses: {
    200: { description: 'The runs.', content: { 'application/json': { schema: runsResponse } } },
  },
});

const runRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{name}',
  summary: 'A run: curves of all it logged, what evaluators measured, samples',
  request: { params: runParams },
  responses: {
    200: { description: 'The run.', content: { 'application/json': { schema: runResponse } } },
    ...noRun,
  },
});

const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{name}/events',
  summary: 'A run as it goes on: server-sent events `run`, each with the whole run; one first',
  request: { params: runParams },
  responses: { ...eventAnswers('Events, each with a run as JSON.'), ...noRun },
});

const sampleRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{name}/samples/{file}',
  summary: 'A picture of a run’s samples',
  request: { params: sampleParams },
  responses: {
    200: { description: 'The picture.', content: { 'image/webp': { schema: z.string() } } },
    404: v1Error('There is no such picture.'),
  },
});

const later = (): never => {
  throw new HTTPException(501, { message: 'not yet' });
};

export const runsRoute = {
  name: 'runs',
  app(_: Work) {
    return routeApp()
      .openapi(listRoute, later)
      .openapi(runRoute, later)
      .openapi(eventsRoute, later)
      .openapi(sampleRoute, later);
  },
} satisfies Route;
