import { z } from '@hono/zod-openapi';
import { expect, it } from 'vitest';
import { errorBody } from '../../../src/server/requests/errors.ts';
import { firstFault } from '../../../src/server/requests/firstFault.ts';
import { appWith } from '../programs/app.ts';
import { HOST, json } from '../requests.ts';

it.each<[number, string]>([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'authentication_error'],
  [404, 'not_found_error'],
  [413, 'invalid_request_error'],
  [429, 'rate_limit_error'],
  [500, 'server_error'],
  [503, 'server_error'],
])('under /v1 %i is %s', (status, type) => {
  const details = { param: 'input', code: 'x' };
  expect(errorBody('/v1/embeddings', status, 'why', details)).toEqual({
    error: { message: 'why', type, ...details },
  });
  expect(errorBody('/v1', status, 'why')).toMatchObject({ error: { param: null, code: null } });
  for (const path of ['/api/embed', '/v10', '/health', '/'])
    expect(errorBody(path, status, 'why', details)).toEqual({ error: 'why' });
});

it('has that shape wherever a request is refused', async () => {
  const app = appWith({ access: { keys: ['a-key-of-this-test-0123'], origins: [], ownerToken: undefined } });
  const open = appWith();
  const headers = { ...HOST, 'content-type': 'text/plain' };
  for (const [to, path, init, status] of [
    [open, '/v1/nothing', { headers: HOST }, 404],
    [open, '/v1/embeddings', { headers: HOST }, 404],
    [open, '/v1/models', { headers: { host: 'evil.example' } }, 421],
    [open, '/v1/models', { headers: { ...HOST, origin: 'https://evil.example' } }, 403],
    [open, '/v1/embeddings', { method: 'POST', headers, body: '{}' }, 415],
    [app, '/v1/embeddings', json({ input: 'a' }), 401],
  ] as const) {
    const response = await to.request(path, init);
    expect(response.status, path).toBe(status);
    expect(await response.json()).toEqual({
      error: {
        message: expect.any(String),
        type: expect.stringMatching(/_error$/),
        param: null,
        code: expect.toSatisfy((code) => code === null || typeof code === 'string'),
      },
    });
  }
});

const schema = z.strictObject({
  form: z.union([
    z.enum(['a', 'b']),
    z.array(z.string()).max(1, 'has too many'),
    z.strictObject({ x: z.int() }),
  ]),
});

it.each<[unknown, string, string]>([
  [{ form: 'c' }, 'form', 'Invalid option: expected one of "a"|"b"'],
  [{ form: ['a', 'b'] }, 'form', 'has too many'],
  [{ form: [1] }, 'form.0', 'Invalid input: expected string, received number'],
  [{ form: { x: 'y' } }, 'form.x', 'Invalid input: expected number, received string'],
  [{ form: { x: 1, z: 2 } }, 'form.z', 'there is no such field; leave it out'],
  [{ form: 'a', ['k'.repeat(1000)]: 1 }, 'k'.repeat(100), 'there is no such field; leave it out'],
])('of a value with several forms the fault of the nearest is told: %j', (value, field, message) => {
  const result = schema.safeParse(value);
  expect(result.error && firstFault(result.error)).toEqual({ field, message });
});
