import { createRoute, z } from '@hono/zod-openapi';
import { answerEvents } from '../../events/answerEvents.ts';
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

const pictureRoute = createRoute({
  method: 'get',
  path: '/v1/runs/{name}/samples/{picture}',
  summary: 'A picture of which the models of a run are asked',
  request: { params: sampleParams },
  responses: {
    200: { description: 'The picture.', content: { 'image/webp': { schema: z.string() } } },
    404: v1Error('There is no such run or picture.'),
  },
});

export const runsRoute = {
  name: 'runs',
  app({ events, runReader }: Work) {
    return routeApp()
      .openapi(listRoute, async (context) => context.json({ runs: await runReader.all() }, 200))
      .openapi(runRoute, async (context) =>
        context.json(await runReader.get(context.req.valid('param').name), 200),
      )
      .openapi(pictureRoute, async (context) => {
        const { name, picture } = context.req.valid('param');
        const headers = { 'content-type': 'image/webp', 'cache-control': 'private, no-cache' };
        return context.body(Uint8Array.from(await runReader.picture(name, picture)), 200, headers);
      })
      .openapi(eventsRoute, async (context) => {
        const { name } = context.req.valid('param');
        let changed = () => {};
        const unwatch = await runReader.watch(name, () => changed());
        try {
          return answerEvents(context, events, (stream) => {
            changed = () => stream.send('run', name, () => runReader.latest(name));
            changed();
            return unwatch;
          });
        } catch (error) {
          unwatch();
          throw error;
        }
      });
  },
} satisfies Route;
