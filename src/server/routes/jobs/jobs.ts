import { createRoute } from '@hono/zod-openapi';
import { requireOwner } from '../../access/owner.ts';
import { seesWholePaths } from '../../collections/shownPaths.ts';
import { answerEvents } from '../../events/answerEvents.ts';
import type { Job } from '../../jobs/job.ts';
import { RequestError } from '../../requests/errors.ts';
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
  app({ access, jobs, events }: Work) {
    return routeApp()
      .openapi(listRoute, (context) => {
        const isWhole = seesWholePaths(context, access);
        return context.json({ jobs: (jobs?.all() ?? []).map((job) => jobJson(job, isWhole)) }, 200);
      })
      .openapi(eventsRoute, (context) => {
        const isWhole = seesWholePaths(context, access);
        return answerEvents(context, events, (stream) => {
          const send = ({ id }: Job) =>
            stream.send('job', id, () => {
              const job = jobs?.all().find((one) => one.id === id);
              return job && jobJson(job, isWhole);
            });
          for (const job of jobs?.all() ?? []) send(job);
          return jobs?.watch(send) ?? (() => {});
        });
      })
      .openapi({ ...stopRoute, middleware: requireOwner(access) }, (context) => {
        const { id } = context.req.valid('param');
        const isStopped = jobs?.stop(id) ?? false;
        const job = jobs?.all().find((one) => one.id === id);
        if (!job) throw new RequestError(404, `there is no job ${JSON.stringify(id)}`);
        if (!isStopped) throw new RequestError(409, `the job has ended: it is ${job.state}`);
        return context.json(jobJson(job, true), 200);
      });
  },
} satisfies Route;
