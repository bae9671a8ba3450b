import { getPath } from 'hono/utils/url';
import { RETRY_SECONDS } from '../requests/limits.ts';

/** Whether somebody looks at the page in a browser, and not a program. */
export const asksForPage = (request: Request): boolean =>
  request.method === 'GET' &&
  getPath(request) === '/' &&
  (request.headers.get('accept') ?? '').includes('text/html');

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${RETRY_SECONDS}">
<title>siglip2 is starting</title>
</head>
<body><p>siglip2 is starting: its model is loading. This page comes again by itself.</p></body>
</html>
`;

/** What a browser shows while the model loads; it asks again until the page is there. */
export const startingPage = (): Response =>
  new Response(HTML, {
    status: 503,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'",
      'retry-after': String(RETRY_SECONDS),
    },
  });
