import { HTTPException } from 'hono/http-exception';
import { badRequest } from './errors.ts';
import { PACE } from './limits.ts';

/** How fast a body has to arrive. */
export interface Pace {
  /** Longest silence in milliseconds; also the time in which nobody looks at the speed. */
  readonly silenceMs: number;
  /** Fewest bytes a second, on the average since the beginning. */
  readonly bytesPerSecond: number;
}

/**
 * The number of bytes that a request announces for its body, or undefined when it sends it in chunks.
 * @throws HTTPException 400 when the number is none
 */
export function announcedLength(headers: Headers): number | undefined {
  const text = headers.get('content-length');
  if (text === null || headers.has('transfer-encoding')) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest('the Content-Length is not a number');
  return Number(text);
}

export const tooLarge = (maxBytes: number): HTTPException =>
  new HTTPException(413, {
    message: `the body has more than the limit of ${maxBytes} bytes; send less at once`,
  });

/** Calls back when nothing arrives for too long, or too little. Returns how to stop. */
function watchPace(
  received: () => number,
  { silenceMs, bytesPerSecond }: Pace,
  late: () => void,
): () => void {
  const start = performance.now();
  let last = 0;
  let lastAt = start;
  const timer = setInterval(() => {
    const now = performance.now();
    const bytes = received();
    if (bytes > last) [last, lastAt] = [bytes, now];
    const seconds = (now - start) / 1000;
    const slow = now - start > silenceMs && bytes / seconds < bytesPerSecond;
    if (now - lastAt > silenceMs || slow) late();
  }, silenceMs / 8);
  return () => clearInterval(timer);
}

/** Puts chunks into one array: of the announced length when there is one, which then takes no second copy. */
function collector(announced: number | undefined) {
  const whole = announced === undefined ? undefined : new Uint8Array(announced);
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    size: () => size,
    add(chunk: Uint8Array) {
      if (whole) whole.set(chunk, size);
      else chunks.push(chunk);
      size += chunk.length;
    },
    finish(): Uint8Array<ArrayBuffer> {
      if (whole) return whole.subarray(0, size);
      const joined = new Uint8Array(size);
      let at = 0;
      for (const chunk of chunks) {
        joined.set(chunk, at);
        at += chunk.length;
      }
      return joined;
    },
  };
}

/**
 * Reads the whole body of a request.
 * @throws HTTPException 413 above `maxBytes`, 408 when it comes slower than `pace`, 400 when it ends early
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  pace: Pace = PACE,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = announcedLength(request.headers);
  if (announced !== undefined && announced > maxBytes) throw tooLarge(maxBytes);
  const body = collector(announced);
  const reader = request.body?.getReader();
  let late = false;
  const stop = watchPace(body.size, pace, () => {
    late = true;
    reader?.cancel().catch(() => {});
  });
  try {
    for (;;) {
      const { value } = (await reader?.read()) ?? {};
      if (value === undefined) break;
      if (body.size() + value.length > (announced ?? maxBytes)) throw tooLarge(announced ?? maxBytes);
      body.add(value);
    }
  } catch (error) {
    if (error instanceof HTTPException) throw error;
    throw badRequest('the body ended early');
  } finally {
    stop();
  }
  if (late) throw new HTTPException(408, { message: 'the body did not arrive in time; send it again' });
  if (announced !== undefined && body.size() < announced) throw badRequest('the body ended early');
  return body.finish();
}
