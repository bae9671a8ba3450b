import type { Context } from 'hono';
import { letGo } from '../hold.ts';
import type { EventStreams } from './eventStreams.ts';
import type { Events } from './events.ts';

/**
 * Answers with a stream of server-sent events.
 * @param follow begins to send, and returns how to end that
 */
export function answerEvents(
  context: Context,
  streams: EventStreams,
  follow: (events: Events) => () => void,
) {
  const stream = streams.open(context.req.raw.signal, follow);
  letGo(context);
  return context.body(stream, 200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // nginx would keep events back.
    'x-accel-buffering': 'no',
  });
}
