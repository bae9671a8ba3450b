import { connect } from 'node:net';

/** What came back on one connection, byte for byte, and whether the server closed it in peace. */
export interface RawAnswer {
  readonly text: string;
  readonly reset: boolean;
}

/**
 * Writes bytes to a port as they are and reads until the connection ends: for what no well-behaved client sends.
 * @param after more bytes, sent when the answer begins
 */
export function rawRequest(port: number, bytes: string | Uint8Array, after?: Uint8Array): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    let reset = false;
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.write(bytes);
    socket.on('data', (chunk) => {
      if (text === '' && after) socket.write(after);
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {
      reset = true;
    });
    // The server's direction is closed: now ours.
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve({ text, reset }));
  });
}

/** The head of a request with a body. */
export const head = (path: string, headers: Readonly<Record<string, string | number>>): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ].join('\r\n');
