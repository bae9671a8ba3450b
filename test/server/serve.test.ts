import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeServer, listen } from '../../src/server/listen.ts';
import { serve } from '../../src/server/serve.ts';
import { rawRequest } from './rawRequest.ts';
import { saveTinyModelWithGallery } from './tinyModel.ts';

const root = mkdtempSync(join(tmpdir(), 'siglip2-serve-'));
const model = join(root, 'model');
const quiet = { model, threads: 1, signals: false, log: () => {} };

/** For a machine that is busy with other work: alone, each of these takes a second or two. */
const PATIENCE = 120_000;

beforeAll(() => saveTinyModelWithGallery(model), PATIENCE);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Holds a port for the length of a test. */
async function occupied(action: (port: number) => Promise<void>): Promise<void> {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const address = blocker.address();
  try {
    await action(typeof address === 'object' && address ? address.port : 0);
  } finally {
    blocker.close();
  }
}

describe('serve', () => {
  it('answers on a free port, with page and API, until it is closed', async () => {
    const { url, ownerUrl, close } = await serve({ ...quiet, port: 0 });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const token = new URLSearchParams(new URL(ownerUrl).hash.slice(1)).get('token') ?? '';
    const session = await fetch(new URL('/v1/session', url), { headers: { 'x-siglip2-token': token } });
    expect(await session.json()).toMatchObject({ owner: true, authenticated: true });
    const page = await fetch(url);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const etag = page.headers.get('etag')!;
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    // Everything that the page names is there.
    const named = [...(await page.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]!);
    expect([...new Set(named.map((path) => path.split('.').pop()))].sort()).toEqual(['css', 'js', 'svg']);
    for (const path of named) expect((await fetch(new URL(path, url))).status, path).toBe(200);
    // And what is not named is not: no way out of the folder.
    for (const path of [
      '/app.ts',
      '/tsconfig.json',
      '/..%2ftsconfig.json',
      '/%2e%2e/tsconfig.json',
      '/assets',
    ])
      expect((await fetch(new URL(path, url))).status).toBe(404);
    const body = JSON.stringify({ text: '고양이', limit: 3 });
    const headers = { 'content-type': 'application/json' };
    const found = await fetch(new URL('/api/search', url), { method: 'POST', headers, body });
    expect(await found.json()).toMatchObject({ hits: [{}, {}, {}] });
    await close();
    await close();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('says 503 from the start until the model is loaded, and answers to the hosts that it is told', async () => {
    let free = 0;
    await occupied(async (port) => {
      free = port;
    });
    const statuses: number[] = [];
    const starting = serve({ ...quiet, port: free, allowedHosts: ['Box.LAN'] });
    let started = false;
    starting.finally(() => {
      started = true;
    });
    while (!started) {
      const answer = await fetch(`http://127.0.0.1:${free}/api/model`).catch(() => undefined);
      if (answer) statuses.push(answer.status);
      if (answer?.status === 503) expect(answer.headers.get('retry-after')).toBe('1');
    }
    const { close } = await starting;
    expect(statuses[0]).toBe(503);
    const answerFor = async (host: string) =>
      (await rawRequest(free, `GET /api/model HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).text;
    expect(await answerFor('box.lan:1')).toMatch(/^HTTP\/1\.1 200/);
    expect(await answerFor('other.lan')).toMatch(/^HTTP\/1\.1 421 .*--allowed-host other\.lan /s);
    await close();
  });

  it('says what to do when the port is in use or the model is missing', async () => {
    await occupied(async (port) => {
      await expect(serve({ ...quiet, port })).rejects.toThrow(
        `port ${port} on 127.0.0.1 is in use: choose another, for example --port ${port + 1}`,
      );
    });
    await expect(serve({ ...quiet, model: join(root, 'nothing') })).rejects.toThrow(/no such directory/);
    await expect(serve({ ...quiet, port: 0, host: '203.0.113.1' })).rejects.toThrow(
      /not an address of this machine/,
    );
  });
});

describe('listen', () => {
  it('takes the next free port where that is allowed', async () => {
    await occupied(async (port) => {
      const answer = () => new Response('here');
      const { server, address } = await listen(answer, { host: '127.0.0.1', port, orNext: true });
      expect(address.port).toBeGreaterThan(port);
      await closeServer(server);
    });
  });

  it('finishes a running answer before it closes, and cuts one that never ends', async () => {
    const slow = () =>
      new Promise<Response>((resolve) => setTimeout(() => resolve(new Response('done')), 150));
    const first = await listen(slow, { host: '127.0.0.1', port: 0, orNext: false });
    const answer = fetch(`http://127.0.0.1:${first.address.port}/`);
    await once(first.server, 'request');
    await closeServer(first.server);
    expect(await (await answer).text()).toBe('done');

    const endless = await listen(() => new Promise<Response>(() => {}), {
      host: '127.0.0.1',
      port: 0,
      orNext: false,
    });
    const cut = fetch(`http://127.0.0.1:${endless.address.port}/`);
    cut.catch(() => {});
    await once(endless.server, 'request');
    await closeServer(endless.server, 50);
    await expect(cut).rejects.toThrow();
  });
});

describe('signals', { timeout: PATIENCE }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s closes the server and ends the process with 0',
    async (signal) => {
      const script = `
      const { serve } = await import(${JSON.stringify(new URL('../../src/server/serve.ts', import.meta.url).href)});
      await serve({ model: ${JSON.stringify(model)}, port: 0, threads: 1 });
    `;
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const exited = once(child, 'exit');
      let log = '';
      child.stderr.setEncoding('utf8');
      for await (const chunk of child.stderr) {
        log += chunk;
        if (/http:\/\//.test(log) && !child.killed) child.kill(signal);
      }
      expect(await exited, log).toEqual([0, null]);
      expect(log).toMatch(/closing/);
    },
  );
});
