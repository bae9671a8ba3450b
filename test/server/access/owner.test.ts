import { describe, expect, it } from 'vitest';
import { createOpening } from '../../../src/server/access/opening.ts';
import {
  browserAddress,
  createOwner,
  createOwnerToken,
  requireOwner,
} from '../../../src/server/access/owner.ts';
import { createApp } from '../../../src/server/app.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import { routeApp } from '../../../src/server/routes/route.ts';
import { fakeEncoder } from '../fakeEncoder.ts';
import { HOST, json, onConnection } from '../requests.ts';

const ownerToken = createOwnerToken();
const access = { keys: [], origins: [], ownerToken };
const encoder = fakeEncoder();
const model = describeModel('m', encoder);

/** An app with one address that is only the owner's. */
function changing(token: string | undefined) {
  const app = routeApp();
  app.get('/change', requireOwner({ ...access, ownerToken: token }), (context) => context.text('changed'));
  return (headers: Record<string, string>, from: string) =>
    app.request('/change', { headers: { ...HOST, ...headers } }, onConnection(from));
}

describe('requireOwner', () => {
  it.each<[string, Record<string, string>, string, number, RegExp]>([
    ['its token', { 'x-siglip2-token': ownerToken }, '127.0.0.1', 200, /changed/],
    ['its token, over IPv6', { 'x-siglip2-token': ownerToken }, '::1', 200, /changed/],
    ['its token, as IPv4 within IPv6', { 'x-siglip2-token': ownerToken }, '::ffff:127.0.0.1', 200, /changed/],
    ['no token', {}, '127.0.0.1', 403, /open the address that was printed/],
    ['another token', { 'x-siglip2-token': createOwnerToken() }, '127.0.0.1', 403, /of an earlier start/],
    [
      'its token from elsewhere',
      { 'x-siglip2-token': ownerToken },
      '192.168.1.5',
      403,
      /the machine on which/,
    ],
    [
      'its token and a header that says this machine',
      { 'x-siglip2-token': ownerToken, 'x-forwarded-for': '127.0.0.1' },
      '203.0.113.9',
      403,
      /the machine on which/,
    ],
    [
      'its token through a proxy on this machine',
      { 'x-siglip2-token': ownerToken, 'x-forwarded-for': '203.0.113.9' },
      '127.0.0.1',
      403,
      /the machine on which/,
    ],
    [
      'its token on another page',
      { 'x-siglip2-token': ownerToken, origin: 'http://127.0.0.1:8000' },
      '127.0.0.1',
      403,
      /the machine on which/,
    ],
  ])('with %s', async (_, headers, from, status, text) => {
    const answer = await changing(ownerToken)(headers, from);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(text);
  });

  it('lets nobody on where the server listens on more than its machine', async () => {
    const answer = await changing(undefined)({ 'x-siglip2-token': '' }, '127.0.0.1');
    expect(answer.status).toBe(403);
    expect(await answer.text()).toMatch(/--host 127\.0\.0\.1/);
  });
});

describe('GET /v1/session', () => {
  const served = createApp({ encoder, model, access });

  it('says who asks, and why folders cannot be added', async () => {
    const ofToken = async (token: string) => {
      const headers = { ...HOST, 'x-siglip2-token': token };
      return (await served.request('/v1/session', { headers }, onConnection('127.0.0.1'))).json();
    };
    expect(await ofToken(ownerToken)).toEqual({
      owner: true,
      keys: false,
      authenticated: true,
      may_add_folders: false,
      reason: expect.stringMatching(/no place to keep collections/),
    });
    expect(await ofToken('x')).toMatchObject({ owner: false, reason: expect.stringMatching(/printed/) });
  });

  it('is there without any settings, and logging in changes nothing', async () => {
    const plain = createApp({ encoder, model });
    const answer = await plain.request('/v1/session', { headers: HOST });
    expect(await answer.json()).toMatchObject({ owner: false, keys: false, authenticated: true });
    const login = await plain.request('/v1/login', json({ key: 'any' }));
    expect([login.status, login.headers.get('set-cookie')]).toEqual([200, null]);
  });
});

describe('the browser that is started with the server', () => {
  const openAt = (path: string, owner: ReturnType<typeof createOwner>, headers = {}) =>
    createApp({ encoder, model, access: { keys: ['a-key-of-a-program'], origins: [], ...owner } }).request(
      path,
      { headers: { ...HOST, ...headers } },
      onConnection('127.0.0.1'),
    );

  it('is led to the token by a code that counts once, from this machine', async () => {
    const owner = createOwner('127.0.0.1');
    const path = new URL(browserAddress('http://127.0.0.1:7272/', owner)).pathname;
    expect(path).not.toContain(owner.ownerToken);
    expect((await openAt('/v1/open/another', owner)).status).toBe(403);
    expect((await openAt(path, owner, { 'x-forwarded-for': '127.0.0.1' })).status).toBe(403);
    const first = await openAt(path, owner);
    expect([first.status, first.headers.get('location')]).toEqual([302, `/#token=${owner.ownerToken}`]);
    expect(first.headers.get('cache-control')).toBe('no-store');
    const second = await openAt(path, owner);
    expect(second.status).toBe(403);
    expect(await second.text()).toMatch(/counts once.*start the server anew/);
  });

  it('gets none when it is late, or where the server listens on more than its machine', async () => {
    let time = 0;
    const late = createOpening('token', () => time);
    time = 121_000;
    expect(late.take(late.code)).toBeUndefined();
    const none = createOwner('0.0.0.0');
    expect(none).toEqual({ ownerToken: undefined });
    expect(browserAddress('http://localhost:7272/', none)).toBe('http://localhost:7272/');
  });
});
