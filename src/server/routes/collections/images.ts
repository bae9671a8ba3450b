import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { collectionOf, pictureOf } from '../../collections/collectionOf.ts';
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

const THUMBNAIL_SIDE = 320;
const IMAGE_SIDE = 2048;
/** Sides of thumbnails are multiples of it, so that there are not many of one picture. */
const STEP = 32;

/** Whether one who asks has it already (RFC 9110, 13.1.2). */
function hasTag(header: string | undefined, tag: string): boolean {
  const tags = (header ?? '').split(',').map((text) => text.trim().replace(/^W\//, ''));
  return tags.includes(tag) || tags.includes('*');
}

interface AskedPicture {
  readonly name: string;
  readonly id: number;
  readonly side: number;
}

/** A picture of a collection, or that it is as the one who asks has it. */
async function answerPicture(context: Context, work: Work, { name, id, side }: AskedPicture) {
  const served = await collectionOf(work, name);
  const picture = await pictureOf(served, id);
  const tag = `"${served.tagOf(picture, side)}"`;
  // For who asked alone, and asked about each time: it is cheap, and another collection may have the name one day.
  const headers = { etag: tag, 'cache-control': 'private, no-cache' };
  if (hasTag(context.req.header('if-none-match'), tag)) {
    await served.check(picture);
    return context.body(null, 304, headers);
  }
  const bytes = await served.image(picture, side, context.req.raw.signal);
  return context.body(Uint8Array.from(bytes), 200, { ...headers, 'content-type': 'image/webp' });
}

export const collectionImagesRoute = {
  name: 'collection images',
  app(work: Work) {
    return routeApp()
      .openapi(thumbnailRoute, (context) => {
        const { side = THUMBNAIL_SIDE } = context.req.valid('query');
        const asked = { ...context.req.valid('param'), side: side - (side % STEP) };
        return answerPicture(context, work, asked);
      })
      .openapi(imageRoute, (context) =>
        answerPicture(context, work, { ...context.req.valid('param'), side: IMAGE_SIDE }),
      );
  },
} satisfies Route;
