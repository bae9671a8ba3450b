import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Access } from '../../../src/server/access/access.ts';
import { OPEN } from '../../../src/server/access/access.ts';
import { createAccess } from '../../../src/server/access/createAccess.ts';
import { readKeys } from '../../../src/server/access/keys.ts';
import { createApp } from '../../../src/server/app.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import { serve } from '../../../src/server/serve.ts';
import { fakeEncoder } from '../fakeEncoder.ts';
import { HOST, json, onConnection } from '../requests.ts';

const root = mkdtempSync(join(tmpdir(), 'siglip2-keys-'));
const page = join(root, 'page');
mkdirSync(join(page, 'assets'), { recursive: true });
for (const file of ['index.html', 'assets/a.js']) writeFileSync(join(page, file), 'of the page');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const [KEY, OTHER] = ['a-key-of-a-program', 'a-key-of-a-person-0'];
const encoder = fakeEncoder();
const model = describeModel('m', encoder);
const written: string[] = [];

const appWith = (changes: Partial<Access> = {}) =>
  createApp({
    encoder,
    model,
    page,
    access: { ...OPEN, keys: [KEY, OTHER], ...changes },
    log: (line) => written.push(line),
  });

type Headers = Readonly<Record<string, string>>;
const ask = (
  app: ReturnType<typeof appWith>,
  path: string,
  headers: Headers = {},
  { from = '192.168.1.5', method = 'GET' } = {},
) => app.request(path, { method, headers: { ...HOST, ...headers } }, onConnection(from));
const bearer = (key: string): Headers => ({ authorization: `Bearer ${key}` });

const problem = z.object({
  error: z.object({ message: z.string(), type: z.string(), code: z.string().nullable() }),
});

describe('a server with keys', () => {
  it('answers who brings one of them, in either header', async () => {
    const app = appWith();
    for (const headers of [
      bearer(KEY),
      bearer(OTHER),
      { 'x-api-key': KEY },
      { authorization: `bearer  ${KEY}` },
    ])
      expect((await ask(app, '/api/model', headers)).status).toBe(200);
  });

  it.each<[string, Headers, RegExp]>([
    ['no key', {}, /needs a key: .*Authorization: Bearer/],
    ['a wrong key', bearer('a-key-of-a-stranger'), /is none of this server/],
    ['the beginning of a key', bearer(KEY.slice(0, -1)), /is none of this server/],
    ['a key and more', { 'x-api-key': `${KEY}0` }, /is none of this server/],
    ['an empty key', { 'x-api-key': '' }, /is none of this server/],
    ['a user and a password', { authorization: `Basic ${btoa(`user:${KEY}`)}` }, /needs a key/],
  ])('refuses %s', async (_, headers, message) => {
    const answer = await ask(appWith(), '/v1/anything', headers);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="siglip2"/);
    const { error } = problem.parse(await answer.json());
    expect(error).toMatchObject({ type: 'authentication_error', code: 'invalid_api_key' });
    expect(error.message).toMatch(message);
    for (const key of [KEY, OTHER, 'stranger']) expect(error.message).not.toContain(key);
  });

  it('is closed but for the page, signs of life and logging in', async () => {
    const app = appWith();
    const statusOf = async (path: string, method = 'GET') => (await ask(app, path, {}, { method })).status;
    for (const path of ['/', '/index.html', '/assets/a.js', '/v1/session'])
      expect(await statusOf(path), path).toBe(200);
    for (const path of ['/health', '/ready']) expect(await statusOf(path), path).not.toBe(401);
    for (const path of [
      '/api/model',
      '/openapi.json',
      '/metrics',
      '/gallery/0.webp',
      '/nothing',
      '/assets/../api/model',
      '//api/model',
      '/API/model',
      '/v1/session/',
      '/assets/b.js',
    ])
      expect(await statusOf(path), path).toBe(401);
    expect(await statusOf('/', 'POST')).toBe(401);
  });

  it('answers no longer to an address that has tried many', async () => {
    const app = appWith();
    const statuses = async (key: string, from: string, headers: Headers = {}) =>
      (await ask(app, '/api/model', { ...bearer(key), ...headers }, { from })).status;
    expect(await statuses(KEY, '10.0.0.9')).toBe(200);
    for (let i = 0; i < 10; i++) expect(await statuses(`wrong-${i}`, '10.0.0.1')).toBe(401);
    // Which address it is, nobody else says.
    expect(await statuses(KEY, '10.0.0.1', { 'x-forwarded-for': '10.0.0.2' })).toBe(429);
    const refused = await ask(app, '/v1/x', bearer('wrong'), { from: '10.0.0.1' });
    expect(refused.headers.get('retry-after')).toBe('6');
    expect(await statuses(KEY, '10.0.0.2')).toBe(200);
    // Whoever had a right key before goes on, beside somebody who tries others.
    for (let i = 0; i < 20; i++) await statuses(`wrong-${i}`, '10.0.0.9');
    expect(await statuses(KEY, '10.0.0.9')).toBe(200);
  });

  it('counts them for each client of a trusted proxy', async () => {
    const app = appWith({ trustedProxies: ['10.0.0.0/8', '::1'] });
    const from = '::ffff:10.0.0.1';
    const statusOf = async (key: string, forwarded: string) =>
      (await ask(app, '/api/model', { ...bearer(key), 'x-forwarded-for': forwarded }, { from })).status;
    // What the client itself wrote stands before what the proxies add.
    for (let i = 0; i < 10; i++) await statusOf('wrong', `198.51.100.${i}, 203.0.113.7, 10.0.0.2`);
    expect(await statusOf(KEY, '203.0.113.7')).toBe(429);
    expect(await statusOf(KEY, '203.0.113.8')).toBe(200);
  });

  it('never writes one anywhere', async () => {
    const app = appWith();
    await ask(app, `/v1/${KEY}`, bearer(OTHER));
    const failing = createApp({
      encoder: fakeEncoder({ embedTexts: () => Promise.reject(new Error('inside')) }),
      model,
      access: { ...OPEN, keys: [KEY] },
      log: (line) => written.push(line),
    });
    const request = json({ texts: ['a'] });
    const headers = { ...HOST, ...bearer(KEY), 'content-type': 'application/json' };
    expect((await failing.request('/api/embed', { ...request, headers })).status).toBe(500);
    expect(written.join('\n')).toMatch(/inside/);
    expect(written.join('\n')).not.toContain(KEY);
  });
});

describe('a browser', () => {
  const origin = `http://${HOST.host}`;
  const login = (app: ReturnType<typeof appWith>, body: object, headers: Headers = {}) => {
    const { headers: own, ...request } = json(body);
    return app.request(
      '/v1/login',
      { ...request, headers: { ...own, origin, ...headers } },
      onConnection('::1'),
    );
  };
  const cookieIn = (answer: Response) => /^[^;]*/.exec(answer.headers.get('set-cookie') ?? '')![0];

  it('is known by a cookie that is not the key, for images too', async () => {
    const app = appWith();
    const answer = await login(app, { key: KEY });
    expect(answer.status).toBe(200);
    const set = answer.headers.get('set-cookie')!;
    expect(set).toMatch(/^siglip2-7272=\d+\.[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain(KEY);
    const cookie = cookieIn(answer);
    expect((await ask(app, '/api/model', { cookie })).status).toBe(200);
    expect((await ask(app, '/api/model', { cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect(await (await ask(app, '/v1/session', { cookie })).json()).toMatchObject({ authenticated: true });
    // After a new start, since the keys are the same; not when its key is gone.
    expect((await ask(appWith(), '/api/model', { cookie })).status).toBe(200);
    const gone = await ask(appWith({ keys: [OTHER] }), '/api/model', { cookie });
    expect([gone.status, gone.headers.get('set-cookie')]).toEqual([401, expect.stringMatching(/Max-Age=0/)]);
    const out = await ask(app, '/v1/logout', { cookie, origin }, { method: 'POST' });
    expect(out.headers.get('set-cookie')).toMatch(/^siglip2-7272=; Max-Age=0/);
  });

  it('keeps the cookie to encrypted connections where the page came by one', async () => {
    const answer = await login(appWith(), { key: KEY }, { origin: `https://${HOST.host}` });
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure/);
  });

  it('is known by it only while our own page asks', async () => {
    const app = appWith({ origins: ['https://app.example'] });
    const cookie = cookieIn(await login(app, { key: KEY }));
    const statusOf = async (headers: Headers, method = 'GET') =>
      (await ask(app, method === 'GET' ? '/api/model' : '/v1/nothing', { cookie, ...headers }, { method }))
        .status;
    expect(await statusOf({ 'sec-fetch-site': 'same-site' })).toBe(401);
    expect(await statusOf({ 'sec-fetch-site': 'cross-site' })).toBe(401);
    expect(await statusOf({ origin: 'https://app.example' })).toBe(401);
    expect(await statusOf({}, 'POST')).toBe(401);
    expect(await statusOf({ origin }, 'POST')).toBe(404);
    expect(await statusOf({ 'sec-fetch-site': 'same-origin' }, 'DELETE')).toBe(404);
  });

  it('is not known by a cookie that somebody has changed, or that is too old', async () => {
    const app = appWith();
    const cookie = cookieIn(await login(app, { key: KEY }));
    const later = cookie.replace(/=\d/, (start) => `${start}9`);
    for (const one of [later, cookie.slice(0, -1), `${cookie}x`, cookie.replace(/=\d+/, '=1')])
      expect((await ask(app, '/api/model', { cookie: one })).status, one).toBe(401);
  });

  it('is refused with a wrong key, and let in by its owner’s token', async () => {
    const app = appWith({ ownerToken: 'the-token' });
    const wrong = await login(app, { key: 'x'.repeat(20) });
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([401, null]);
    expect((await login(app, {})).status).toBe(401);
    const answer = await login(app, {}, { 'x-siglip2-token': 'the-token' });
    const cookie = cookieIn(answer);
    expect((await ask(app, '/api/model', { cookie })).status).toBe(200);
    // It tells who may ask, not who the owner is.
    const session = await ask(app, '/v1/session', { cookie }, { from: '::1' });
    expect(await session.json()).toMatchObject({ owner: false, authenticated: true });
  });
});

describe('pages of other origins', () => {
  const app = appWith({ origins: ['https://app.example'] });
  const origin = 'https://app.example';

  it('may ask when they are named, with a key of their own', async () => {
    const preflight = await ask(
      app,
      '/api/embed',
      {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-stainless-os',
      },
      { method: 'OPTIONS' },
    );
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,HEAD,POST,DELETE',
      'access-control-allow-headers': 'authorization,x-stainless-os',
      vary: expect.stringMatching(/Origin/i),
    });
    for (const [headers, status] of [
      [bearer(KEY), 200],
      [{}, 401],
    ] as const) {
      const answer = await ask(app, '/api/model', { origin, ...headers });
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-expose-headers')).toMatch(/Retry-After/);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('are refused when they are not, in a preflight too', async () => {
    for (const other of ['https://evil.example', 'http://app.example', 'https://app.example:8443', 'null'])
      for (const method of ['GET', 'OPTIONS']) {
        const answer = await ask(app, '/api/model', { origin: other, ...bearer(KEY) }, { method });
        expect(answer.status, other).toBe(403);
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      }
    const refused = await ask(app, '/api/model', { origin: 'https://evil.example' });
    expect(await refused.text()).toMatch(/--cors https:\/\/evil\.example /);
  });

  it('may all ask with *, and with a key', async () => {
    const answer = await ask(appWith({ origins: ['*'] }), '/api/model', { origin: 'null', ...bearer(KEY) });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });
});

describe('what the operator says', () => {
  it('is taken in its plain form', () => {
    const access = createAccess({
      apiKeys: [KEY, KEY],
      corsOrigins: ['https://App.example/', '*'],
      trustedProxies: ['127.0.0.1', '172.16.0.0/12'],
    });
    expect(access).toMatchObject({ keys: [KEY], origins: ['https://app.example', '*'] });
  });

  it.each<[object, RegExp]>([
    [{ apiKeys: ['short'] }, /^the API key has 5 characters, .*at least 16/],
    [{ apiKeys: [KEY, 'with a blank in it'] }, /^the API key 2 of 2 has a blank/],
    [{ corsOrigins: ['*'] }, /\* needs API keys: /],
    [{ corsOrigins: ['app.example'] }, /"app\.example" is none: .*https:\/\/app\.example/],
    [{ corsOrigins: ['https://app.example/path'] }, /is none/],
    [{ corsOrigins: ['file:///x'] }, /is none/],
    [{ trustedProxies: ['proxy.lan'] }, /"proxy\.lan" is no address/],
  ])('%j is an error', (options, message) => {
    expect(() => createAccess(options)).toThrow(message);
  });

  it('is never a key in an error', async () => {
    const keyless = { model: 'none', signals: false };
    const wrong: object = { ...keyless, apiKeys: 'a-key-that-is-no-list' };
    await expect(serve(wrong)).rejects.toThrow(/apiKeys: it must be a list of texts/);
    await expect(serve(wrong)).rejects.not.toThrow(/no-list/);
    expect(() => createAccess({ apiKeys: ['tiny-key'] })).toThrow(/^(?!.*tiny)/s);
  });

  it('may stand in a file', () => {
    const file = join(root, 'keys.txt');
    writeFileSync(file, `# of the programs\n${KEY}\r\n\n  ${OTHER}  \n`);
    expect(readKeys(file)).toEqual([KEY, OTHER]);
    writeFileSync(file, '# none yet\n');
    expect(() => readKeys(file)).toThrow(/keys\.txt: there is no key in it/);
    expect(() => readKeys(join(root, 'nothing'))).toThrow(/nothing: the keys cannot be read/);
  });
});
