import { createRoute } from '@hono/zod-openapi';
import { requireOwner } from '../../access/owner.ts';
import { foldersBelow } from '../../jobs/foldersBelow.ts';
import { RequestError } from '../../requests/errors.ts';
import { receiveJson } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody, ownerErrors } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import {
  collectionParams,
  foldersQuery,
  foldersResponse,
  indexRequest,
  jobJson,
  jobResponse,
  removedResponse,
} from './schemas.ts';

/** Bytes of a body with a folder and patterns. */
const BODY_BYTES = 2 ** 18;

const indexRoute = createRoute({
  method: 'post',
  path: '/v1/jobs/index',
  summary: 'Begins to bring a collection to what a folder holds',
  request: jsonBody(indexRequest),
  responses: {
    202: { description: 'The job.', content: { 'application/json': { schema: jobResponse } } },
    ...ownerErrors,
  },
});

const foldersRoute = createRoute({
  method: 'get',
  path: '/v1/folders',
  summary: 'Folders whose path begins so, for completing while typing',
  request: { query: foldersQuery },
  responses: {
    200: { description: 'Folders.', content: { 'application/json': { schema: foldersResponse } } },
    ...ownerErrors,
  },
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/v1/collections/{name}',
  summary: 'Removes a collection; the pictures’ files are left alone',
  request: { params: collectionParams },
  responses: {
    200: { description: 'It is gone.', content: { 'application/json': { schema: removedResponse } } },
    ...ownerErrors,
  },
});

const noPlace = () => new RequestError(409, 'this server has no place to keep collections');

export const indexFolderRoute = {
  name: 'index-folder',
  app({ access, indexing, reception }: Work) {
    return routeApp()
      .openapi(
        { ...indexRoute, middleware: [requireOwner(access), receiveJson(reception, BODY_BYTES)] as const },
        async (context) => {
          if (!indexing) throw noPlace();
          const { frames_every, ...asked } = context.req.valid('json');
          const job = await indexing.start({ ...asked, framesEvery: frames_every ?? undefined });
          return context.json(jobJson(job, true), 202);
        },
      )
      .openapi({ ...foldersRoute, middleware: requireOwner(access) }, async (context) =>
        context.json(await foldersBelow(context.req.valid('query').path), 200),
      )
      .openapi({ ...removeRoute, middleware: requireOwner(access) }, async (context) => {
        if (!indexing) throw noPlace();
        const { name } = context.req.valid('param');
        await indexing.remove(name);
        return context.json({ removed: name }, 200);
      });
  },
} satisfies Route;
