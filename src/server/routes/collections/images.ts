import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { Work } from '../../service.ts';
import { v1Error } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { pictureParams, thumbnailQuery } from './listSchemas.ts';

const responses = {
  200: { description: 'The picture.', content: { 'image/webp': { schema: z.string() } } },
  304: { description: 'It is as it was: If-None-Match has its ETag.' },
  404: v1Error('There is no such picture, or its file is gone or has changed.'),
};

const thumbnailRoute = createRoute({
  method: 'get',
  path: '/v1/collections/{name}/pictures/{id}/thumbnail',
  summary: 'A picture of a collection, small',
  request: { params: pictureParams, query: thumbnailQuery },
  responses,
});

const imageRoute = createRoute({
  method: 'get',
  path: '/v1/collections/{name}/pictures/{id}/image',
  summary: 'A picture of a collection, its longer side at most 2,048 pixels',
  request: { params: pictureParams },
  responses,
});

const unready = (): never => {
  throw new HTTPException(501, { message: 'not yet' });
};

export const collectionImagesRoute = {
  name: 'collection images',
  app(_: Work) {
    return routeApp().openapi(thumbnailRoute, unready).openapi(imageRoute, unready);
  },
} satisfies Route;
