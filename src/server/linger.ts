import type { Socket } from 'node:net';
import { LINGER_MS } from './requests/limits.ts';

/**
 * Makes the end of a connection gentle. Node closes it as soon as the answer is written; when the client is still
 * sending, the system then resets the connection, and the client loses the answer that it has not read yet. Here only
 * our direction is closed at first; what still comes in is forgotten until the client closes its own, or for a while.
 */
export function linger(socket: Socket, milliseconds = LINGER_MS): void {
  let ending = false;
  socket.destroySoon = () => {
    if (ending || socket.destroyed) return;
    ending = true;
    socket.end();
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), milliseconds);
    socket.once('end', () => socket.destroy());
    socket.once('close', () => clearTimeout(timer));
  };
}
