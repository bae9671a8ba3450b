import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isOwner, whyNotOwner } from '../../access/owner.ts';
import { receiveJson } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody, v1Answers } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';

/** Bytes of a body with a key. */
const KEY_BODY_BYTES = 4096;

const sessionResponse = z
  .object({
    owner: z.boolean().openapi({ description: 'Whether the one who asks started the server.' }),
    keys: z.boolean().openapi({ description: 'Whether the server wants a key.' }),
    authenticated: z.boolean().openapi({ description: 'Whether the one who asks may use it.' }),
    may_add_folders: z.boolean(),
    reason: z.string().nullable().openapi({ description: 'Why folders may not be added, and what to do.' }),
  })
  .openapi('Session');

const loginRequest = z
  .object({
    key: z.string().min(1, 'is empty').optional().openapi({
      description: 'Left out by the owner, whose token is in the header x-siglip2-token.',
    }),
  })
  .openapi('LoginRequest');

const loginResponse = z.object({ authenticated: z.boolean() }).openapi('LoginResponse');

const sessionRoute = createRoute({
  method: 'get',
  path: '/v1/session',
  summary: 'What the one who asks may do',
  responses: {
    200: { description: 'The session.', content: { 'application/json': { schema: sessionResponse } } },
  },
});

const loginRoute = createRoute({
  method: 'post',
  path: '/v1/login',
  summary: 'Makes a browser known by a key, with a cookie',
  request: jsonBody(loginRequest),
  responses: v1Answers('The browser is known.', loginResponse),
});

const logoutRoute = createRoute({
  method: 'post',
  path: '/v1/logout',
  summary: 'Takes the cookie back',
  responses: {
    200: { description: 'Done.', content: { 'application/json': { schema: loginResponse } } },
  },
});

/** Why the page may not begin to index a folder, and what to do; null where it may. */
function whyNoFolders(context: Context, { access, jobs }: Work): string | null {
  return whyNotOwner(context, access) ?? (jobs ? null : 'this server has no place to keep collections');
}

export const accessRoute = {
  name: 'access',
  app(work: Work) {
    const { access, authentication, reception } = work;
    return routeApp()
      .openapi(sessionRoute, (context) => {
        const reason = whyNoFolders(context, work);
        return context.json(
          {
            owner: isOwner(context, access),
            keys: (access?.keys.length ?? 0) > 0,
            authenticated: authentication.holds(context),
            may_add_folders: reason === null,
            reason,
          },
          200,
        );
      })
      .openapi({ ...loginRoute, middleware: receiveJson(reception, KEY_BODY_BYTES) }, (context) => {
        authentication.login(context, context.req.valid('json').key);
        return context.json({ authenticated: true }, 200);
      })
      .openapi(logoutRoute, (context) => {
        authentication.logout(context);
        return context.json({ authenticated: false }, 200);
      });
  },
} satisfies Route;
