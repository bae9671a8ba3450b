import { Agent, request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/server/app.ts';
import { createDoor } from '../../src/server/door.ts';
import { closeServer, type Handler, listen } from '../../src/server/listen.ts';
import { describeModel } from '../../src/server/modelInfo.ts';
import { fakeEncoder } from './fakeEncoder.ts';
import { head, rawRequest } from './rawRequest.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listening(handler: Handler): Promise<number> {
  const { server, address } = await listen(handler, { host: '127.0.0.1', port: 0, orNext: false });
  closers.push(() => closeServer(server, 0));
  return address.port;
}

const encoder = fakeEncoder();
const app = createApp({ encoder, model: describeModel('m', encoder) });

/** One request on a connection that is kept: status, headers and text. */
function ask(port: number, agent: Agent, path = '/api/model') {
  return new Promise<{ status: number; connection: string; retryAfter: string; text: string }>(
    (resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, path, agent }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => {
          const { connection = '', 'retry-after': retryAfter = '' } = answer.headers;
          resolve({ status: answer.statusCode ?? 0, connection, retryAfter, text });
        });
      });
      outgoing.on('error', reject).end();
    },
  );
}

describe('a door', () => {
  it('answers 503 until it is open and once it is closing, and finishes what is inside', async () => {
    const door = createDoor();
    const port = await listening(door.handler);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closers.unshift(async () => agent.destroy());
    const early = await ask(port, agent);
    expect(early).toMatchObject({ status: 503, retryAfter: '1', connection: 'keep-alive' });
    expect(early.text).toMatch(/"error":"the server is starting: its model is still loading/);
    // A person who was faster than the model waits without doing anything.
    const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: 'text/html,*/*' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('http-equiv="refresh"');
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(503);

    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let entered = () => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    door.open(async (incoming, env) => {
      if (!incoming.url.endsWith('/slow')) return app.fetch(incoming, env);
      entered();
      await slow;
      return new Response('done');
    });
    expect(await ask(port, agent)).toMatchObject({ status: 200, connection: 'keep-alive' });
    const accepted = ask(port, agent, '/slow');
    await inside;
    const closing = door.close(10_000);
    const late = await ask(port, new Agent());
    expect(late).toMatchObject({ status: 503, retryAfter: '1', connection: 'close' });
    expect(late.text).toMatch(/stopping/);
    finish();
    expect(await accepted).toMatchObject({ status: 200, connection: 'close', text: 'done' });
    expect(await closing).toBe(0);
  });

  it('waits no longer than it is told, and counts what is left', async () => {
    const door = createDoor();
    const port = await listening(door.handler);
    let entered = () => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    door.open(() => {
      entered();
      return new Promise(() => {});
    });
    const cut = ask(port, new Agent()).catch(() => 'cut');
    await inside;
    expect(await door.close(20)).toBe(1);
    await closers.pop()?.();
    expect(await cut).toBe('cut');
  });
});

describe('a connection that is answered before its request is here', () => {
  const type = { 'Content-Type': 'application/json' };

  it('says that it closes, lets the client read the answer, and ends', async () => {
    const port = await listening(app.fetch);
    const megabytes = new Uint8Array(8 * 2 ** 20);
    const announced = head('/api/embed', { ...type, 'Content-Length': megabytes.length });
    const { text, reset } = await rawRequest(port, announced, megabytes);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toMatch(/\r\nconnection: close\r\n/i);
    expect(text).toMatch(/more than the limit of 524288 bytes/);
    expect(reset).toBe(false);
  });

  it('stays open when the whole request has come', async () => {
    const port = await listening(app.fetch);
    const wrong = `${head('/api/embed', { ...type, 'Content-Length': 2 })}{}`;
    const last = 'GET /api/model HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const { text } = await rawRequest(port, wrong + last);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200']);
    expect(text).toMatch(/^[^{]*connection: keep-alive/i);
  });
});
