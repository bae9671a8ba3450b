import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { isFromThisMachine } from '../../access/connection.ts';
import { OPEN_PATH, ownerAddress } from '../../access/owner.ts';
import type { Work } from '../../service.ts';
import { v1Error } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';

const route = createRoute({
  method: 'get',
  path: `${OPEN_PATH}{code}`,
  summary: 'Leads the browser that was started with the server to the page, with the owner’s token',
  request: { params: z.object({ code: z.string() }) },
  responses: {
    302: { description: 'The page.' },
    403: v1Error('The code is of another start, or somebody has used it.'),
  },
});

export const openRoute = {
  name: 'open',
  app({ access }: Work) {
    return routeApp().openapi(route, (context) => {
      const { code } = context.req.valid('param');
      const token = isFromThisMachine(context) ? access?.opening?.take(code) : undefined;
      if (token === undefined)
        throw new HTTPException(403, {
          message:
            'this address counts once, and soon after the start: open the one that was printed. If nobody here has opened it, somebody else on this machine did: start the server anew',
        });
      context.header('cache-control', 'no-store');
      return context.redirect(ownerAddress('/', token), 302);
    });
  },
} satisfies Route;
