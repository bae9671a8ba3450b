import { createRoute } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { requireOwner } from '../../access/owner.ts';
import type { Work } from '../../service.ts';
import { eventAnswers, ownerErrors } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { jobJson, jobParams, jobResponse, jobsResponse } from './schemas.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/v1/jobs',
  summary: 'Long work that was begun on the page',
  responses: {
    200: { description: 'All jobs.', content: { 'application/json': { schema: jobsResponse } } },
  },
});

const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/jobs/events',
  summary: 'Jobs as they change: server-sent events `job`, each with a job; all jobs first',
  responses: eventAnswers('Events, each with a job as JSON.'),
});

const stopRoute = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/stop',
  summary: 'Stops a job; what is done is kept',
  request: { params: jobParams },
  responses: {
    200: {
      description: 'The job; it ends soon.',
      content: { 'application/json': { schema: jobResponse } },
    },
    ...ownerErrors,
  },
});

export const jobsRoute = {
  name: 'jobs',
  app({ access, jobs }: Work) {
    return routeApp()
      .openapi(listRoute, (context) => context.json({ jobs: (jobs?.all() ?? []).map(jobJson) }, 200))
      .openapi(eventsRoute, () => {
        throw new HTTPException(501, { message: 'not yet' });
      })
      .openapi({ ...stopRoute, middleware: requireOwner(access) }, () => {
        throw new HTTPException(501, { message: 'not yet' });
      });
  },
} satisfies Route;
