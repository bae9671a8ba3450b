import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/server/app.ts';
import { describeModel } from '../../../src/server/modelInfo.ts';
import { allowedHost, hostName, isOwnOrigin, isTrustedHost } from '../../../src/server/requests/guard.ts';
import { fakeEncoder } from '../fakeEncoder.ts';
import { json } from '../requests.ts';

describe('hostName', () => {
  it.each([
    ['localhost:7272', 'localhost'],
    ['LOCALHOST', 'localhost'],
    ['127.0.0.1:80', '127.0.0.1'],
    ['[::1]:7272', '::1'],
    ['evil.example:7272', 'evil.example'],
    ['localhost:7272@evil.example', undefined],
    ['localhost/evil', undefined],
    ['', undefined],
    ['a b', undefined],
  ])('%s → %s', (header, name) => {
    expect(hostName(header)).toBe(name);
  });
});

describe('isTrustedHost', () => {
  it('takes localhost, addresses and named hosts, and nothing that a name server could point here', () => {
    for (const host of [
      'localhost',
      'localhost:1',
      '127.0.0.1:7272',
      '[::1]:7272',
      '192.168.1.5',
      'box.lan:7272',
    ])
      expect(isTrustedHost(host, ['box.lan'])).toBe(true);
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'box.lan.',
      undefined,
    ])
      expect(isTrustedHost(host, ['box.lan'])).toBe(false);
  });
});

describe('allowedHost', () => {
  it('takes a name in any letters, with or without a port', () => {
    expect(allowedHost('Box.LAN:8080')).toBe('box.lan');
    expect(isTrustedHost('BOX.lan', [allowedHost('box.lan')])).toBe(true);
  });

  it.each(['http://box.lan', 'box.lan/', 'a b', ''])('refuses %j with an example', (given) => {
    expect(() => allowedHost(given)).toThrow(/is no host name: .*for example box\.lan/);
  });
});

describe('isOwnOrigin', () => {
  it('takes our page and programs, not other pages, ports or sandboxes', () => {
    const host = 'localhost:7272';
    expect(isOwnOrigin(undefined, host)).toBe(true);
    expect(isOwnOrigin('http://localhost:7272', host)).toBe(true);
    for (const origin of ['http://localhost:8000', 'https://evil.example', 'null', 'http://localhost'])
      expect(isOwnOrigin(origin, host)).toBe(false);
  });
});

describe('guarded routes', () => {
  const encoder = fakeEncoder();
  const app = createApp({ encoder, model: describeModel('m', encoder), allowedHosts: ['box.lan'] });
  const embed = (headers: Record<string, string>) => {
    const request = json({ texts: ['red'] });
    return app.request('/api/embed', {
      ...request,
      headers: { 'content-type': 'application/json', ...headers },
    });
  };

  it('answers 421 to a foreign host, 403 to a foreign page, 200 to its own', async () => {
    expect((await embed({ host: 'evil.example:7272' })).status).toBe(421);
    expect((await embed({})).status).toBe(421);
    expect((await embed({ host: '127.0.0.1:7272', origin: 'https://evil.example' })).status).toBe(403);
    expect((await embed({ host: '127.0.0.1:7272', origin: 'http://127.0.0.1:7272' })).status).toBe(200);
    expect((await embed({ host: 'box.lan' })).status).toBe(200);
  });

  it('names the option that would serve a host, and no option for what is no name', async () => {
    const errorFor = async (host: string) => (await embed({ host })).text();
    expect(await errorFor('Models.example:7272')).toMatch(
      /start the server with --allowed-host models\.example /,
    );
    expect(await errorFor('a b')).not.toMatch(/--allowed-host/);
  });

  it('lets the page load nothing from elsewhere', async () => {
    const response = await app.request('/openapi.json', { headers: { host: 'localhost' } });
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });
});
