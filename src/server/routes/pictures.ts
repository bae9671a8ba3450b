import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { errorSchema } from '../schemas.ts';
import type { Work } from '../service.ts';
import { type Route, routeApp } from './route.ts';

const route = createRoute({
  method: 'get',
  path: '/gallery/{file}',
  summary: 'One picture of the collection',
  request: {
    params: z.object({
      file: z.string().openapi({ description: 'The index of a hit, and .webp', example: '0.webp' }),
    }),
  },
  responses: {
    200: { description: 'The picture.', content: { 'image/webp': { schema: z.string() } } },
    404: {
      description: 'There is no such picture.',
      content: { 'application/json': { schema: errorSchema } },
    },
  },
});

export const picturesRoute = {
  name: 'pictures',
  app({ bundle }: Work) {
    return routeApp().openapi(route, (context) => {
      const { file } = context.req.valid('param');
      const index = /^(\d{1,7})\.webp$/.exec(file)?.[1];
      const picture = index === undefined ? undefined : bundle?.pictures[Number(index)];
      if (!picture) throw new HTTPException(404, { message: `the collection has no picture ${file}` });
      // For as long as somebody looks: another model may be served here tomorrow.
      return context.body(Uint8Array.from(picture), 200, {
        'content-type': 'image/webp',
        'cache-control': 'max-age=600',
      });
    });
  },
} satisfies Route;
