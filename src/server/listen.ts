import { createServer, type Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { codeOf } from '../checkpoint/files/errorCode.ts';
import { linger } from './linger.ts';
import { CONNECTIONS } from './requests/limits.ts';

/** Ports tried after the default one. */
const ATTEMPTS = 20;

export type Handler = Parameters<typeof getRequestListener>[0];

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** When the port is in use: try the ones after it. Otherwise that is an error. */
  readonly orNext: boolean;
}

function listenOnce(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A server that listens on a port has an address object.
      resolve(server.address() as AddressInfo);
    });
  });
}

function explain(error: unknown, host: string, port: number): Error {
  const cause = { cause: error };
  if (codeOf(error) === 'EADDRINUSE') {
    return new Error(
      `port ${port} on ${host} is in use: choose another, for example --port ${port + 1}`,
      cause,
    );
  }
  if (codeOf(error) === 'EACCES') {
    return new Error(`port ${port} needs administrator rights: choose one from 1024 on, with --port`, cause);
  }
  if (codeOf(error) === 'EADDRNOTAVAIL' || codeOf(error) === 'ENOTFOUND') {
    return new Error(`${host} is not an address of this machine: give --host 127.0.0.1 or 0.0.0.0`, cause);
  }
  return new Error(`cannot listen on ${host} port ${port}: ${String(error)}`, cause);
}

/**
 * An answer that is given before its request has arrived whole ends the connection, since nobody will read the rest, and
 * says so (`Connection: close`): a client would otherwise send its next request into a connection that is about to close.
 */
const sayingClose =
  (handler: Handler): Handler =>
  async (request, env) => {
    const response = await handler(request, env);
    const { incoming, outgoing } = env;
    if (outgoing instanceof ServerResponse && 'complete' in incoming && !incoming.complete) {
      outgoing.shouldKeepAlive = false;
      if (outgoing.socket) linger(outgoing.socket);
    }
    return response;
  };

/**
 * Starts an HTTP server.
 * @throws Error saying what to do when the port cannot be had.
 */
export async function listen(handler: Handler, { host, port, orNext }: ListenOptions) {
  const server = createServer(CONNECTIONS.times, getRequestListener(sayingClose(handler)));
  server.maxConnections = CONNECTIONS.most;
  const last = orNext ? Math.min(port + ATTEMPTS, 65_535) : port;
  for (let candidate = port; ; candidate++) {
    try {
      return { server, address: await listenOnce(server, host, candidate) };
    } catch (error) {
      if (candidate >= last || codeOf(error) !== 'EADDRINUSE') throw explain(error, host, candidate);
    }
  }
}

/** How often a server that closes looks for connections whose answer is given, in milliseconds. */
const SWEEP_MS = 50;

/** Takes no more connections, lets running answers finish for a while, then cuts what is left. */
export async function closeServer(server: Server, patienceMs = 3000): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const timer = setTimeout(() => server.closeAllConnections(), patienceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(timer);
}
