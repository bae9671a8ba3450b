import { RequestError } from '../requests/errors.ts';
import { createEvents, type Events } from './events.ts';

/** Streams that may be open at once. */
const MOST = 64;

/** All streams of events of a server. */
export interface EventStreams {
  /**
   * Opens one, which ends with the signal, or with all.
   * @param follow begins to send, and returns how to end that
   * @throws HTTPException 429 where too many are open
   */
  open(signal: AbortSignal, follow: (events: Events) => () => void): ReadableStream<Uint8Array>;
  /** Ends all at once, and opens no more. */
  close(): void;
}

export function createEventStreams(most = MOST): EventStreams {
  const open = new Set<Events>();
  let isClosed = false;
  return {
    open(signal, follow) {
      if (isClosed) throw new RequestError(503, 'the server is stopping; ask again when it has started anew');
      if (open.size >= most)
        throw new RequestError(429, `${most} streams of events are open, which is the limit; close a page`);
      let unfollow = () => {};
      const events = createEvents(() => {
        open.delete(events);
        signal.removeEventListener('abort', events.end);
        unfollow();
      });
      open.add(events);
      unfollow = follow(events);
      signal.addEventListener('abort', events.end, { once: true });
      if (signal.aborted) events.end();
      return events.stream;
    },
    close() {
      isClosed = true;
      for (const events of [...open]) events.end();
    },
  };
}
