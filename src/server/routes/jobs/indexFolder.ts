import { createRoute } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { requireOwner } from '../../access/owner.ts';
import { receiveJson } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody, ownerErrors } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import {
  collectionParams,
  foldersQuery,
  foldersResponse,
  indexRequest,
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

const later = (): never => {
  throw new HTTPException(501, { message: 'not yet' });
};

export const indexFolderRoute = {
  name: 'index-folder',
  app({ access, reception }: Work) {
    return routeApp()
      .openapi(
        { ...indexRoute, middleware: [requireOwner(access), receiveJson(reception, BODY_BYTES)] as const },
        later,
      )
      .openapi({ ...foldersRoute, middleware: requireOwner(access) }, later)
      .openapi({ ...removeRoute, middleware: requireOwner(access) }, later);
  },
} satisfies Route;
