import type { Dispatcher } from 'undici';
import { codeOf } from '../../files/errorCode.ts';
import type { Environment } from '../expandPath.ts';
import { ConnectionFailure, HttpFailure, ProxyFailure, UnexpectedAnswer } from '../hubError.ts';
import { proxyFor } from './proxy.ts';

/** An answer whose body has not been read. */
export interface Answer {
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Question {
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds without an answer, and later without a byte of its body, after which it is given up. */
  readonly timeout: number;
}

/** Asks a hub, and the hosts that it sends on to. Close it when done. */
export interface HubClient {
  /**
   * Follows redirects and returns an answer of 200 to 299.
   * @throws HttpFailure when the server refuses, ConnectionFailure, ProxyFailure, UnexpectedAnswer.
   */
  get(url: string, question: Question): Promise<Answer>;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly userAgent: string;
  readonly env: Environment;
  /** Ends what is under way. */
  readonly signal?: AbortSignal | undefined;
}

const MAX_REDIRECTS = 20;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

function parseUrl(url: string, base?: string): URL {
  const parsed = URL.canParse(url, base) ? new URL(url, base) : undefined;
  if (parsed?.protocol === 'https:' || parsed?.protocol === 'http:') return parsed;
  throw new UnexpectedAnswer(`${JSON.stringify(url.slice(0, 120))} is not an http address`);
}

/** Whether a token for `endpoint` may go to an address: the very same host and port, never with less encryption. */
function isOwnHost(url: URL, endpoint: URL): boolean {
  if (url.origin === endpoint.origin) return true;
  const upgraded = endpoint.protocol === 'http:' && url.protocol === 'https:';
  return upgraded && url.hostname === endpoint.hostname && url.port === '' && endpoint.port === '';
}

/** The innermost cause says most: `connect ECONNREFUSED 127.0.0.1:1`. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

/** What a failed request or a broken body means. */
function connectionFailure(cause: unknown, host: string, proxy: string | undefined): Error {
  const way = proxy === undefined ? host : `${host} through the proxy ${new URL(proxy).host}`;
  const code = codeOf(cause);
  if (typeof code === 'string' && /_TIMEOUT$/.test(code))
    return new ConnectionFailure(`${way} was silent for too long`, { cause });
  const reason = reasonOf(cause);
  // The tunnel through a proxy was refused: its answer is in the message only.
  if (proxy !== undefined && /^Proxy response \(\d+\)/.test(reason))
    return new ProxyFailure(`the proxy ${new URL(proxy).host} refused the way to ${host} (${reason})`, {
      cause,
    });
  return new ConnectionFailure(reason.includes(way) ? reason : `${way}: ${reason}`, { cause });
}

const abortReason = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new Error(String(reason));

async function makeDispatcher(proxy: string | undefined): Promise<Dispatcher> {
  const { Agent, ProxyAgent } = await import('undici');
  if (proxy === undefined) return new Agent();
  if (!/^https?:\/\//i.test(proxy) || !URL.canParse(proxy)) {
    const shown = proxy.replace(/\/\/[^@/]*@/, '//…@').slice(0, 120);
    throw new ProxyFailure(`the proxy ${JSON.stringify(shown)} is none that is understood (http, https)`);
  }
  // Only encrypted traffic goes through a tunnel; the rest is handed to the proxy as a whole.
  return new ProxyAgent({ uri: proxy, proxyTunnel: false });
}

function retryAfter(header: (name: string) => string | undefined): number | undefined {
  const limited = /;\s*r\s*=\s*0\s*;\s*t\s*=\s*(\d+)/.exec(header('ratelimit') ?? '')?.[1];
  const after = limited ?? /^\s*(\d+)\s*$/.exec(header('retry-after') ?? '')?.[1];
  return after === undefined ? undefined : Number(after);
}

/** A body's chunks, whose every failure is one of the connection. */
async function* chunks(
  body: AsyncIterable<Uint8Array>,
  fail: (cause: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((cause: unknown) => {
        throw fail(cause);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** A client for one endpoint. The token goes to the endpoint's own host alone, whatever redirects and links say. */
export function hubClient({ endpoint, token, userAgent, env, signal }: ClientOptions): HubClient {
  const dispatchers = new Map<string | undefined, Promise<Dispatcher>>();
  const own = parseUrl(endpoint);

  async function once(url: URL, { headers, timeout }: Question) {
    const { request } = await import('undici');
    signal?.throwIfAborted();
    const proxy = proxyFor(url.href, env);
    const dispatcher = dispatchers.get(proxy) ?? makeDispatcher(proxy);
    dispatchers.set(proxy, dispatcher);
    const sent = {
      'user-agent': userAgent,
      // A compressed body could not be continued from a position in the file, nor be bounded before it is unpacked.
      'accept-encoding': 'identity',
      ...headers,
      ...(token !== undefined && isOwnHost(url, own) && { authorization: `Bearer ${token}` }),
    };
    const limits = { headersTimeout: timeout * 1000, bodyTimeout: timeout * 1000 };
    const fail = (cause: unknown) =>
      signal?.aborted ? abortReason(signal) : connectionFailure(cause, url.host, proxy);
    const answer = await request(url, {
      dispatcher: await dispatcher,
      headers: sent,
      ...limits,
      ...(signal && { signal }),
    }).catch((cause: unknown) => {
      throw fail(cause);
    });
    const header = (name: string): string | undefined => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    };
    return { answer, header, fail };
  }

  async function get(address: string, question: Question): Promise<Answer> {
    let url = parseUrl(address);
    for (let followed = 0; followed <= MAX_REDIRECTS; followed++) {
      const { answer, header, fail } = await once(url, question);
      const status = answer.statusCode;
      if (status >= 200 && status < 300) {
        const encoding = header('content-encoding') ?? 'identity';
        if (encoding === 'identity')
          return { status, url: url.href, header, body: chunks(answer.body, fail) };
        await answer.body.dump().catch(() => undefined);
        throw new UnexpectedAnswer(`compressed as ${encoding.slice(0, 40)}, which was not asked for`);
      }
      await answer.body.dump().catch(() => undefined);
      const location = header('location');
      if (!REDIRECTS.includes(status) || location === undefined)
        throw new HttpFailure(status, header('x-error-code'), header('x-error-message'), retryAfter(header));
      const target = parseUrl(location, url.href);
      if (url.protocol === 'https:' && target.protocol === 'http:')
        throw new UnexpectedAnswer(`sent on from https to http (${target.host})`);
      url = target;
    }
    throw new UnexpectedAnswer(`more than ${MAX_REDIRECTS} redirects`);
  }

  return {
    get,
    async close() {
      for (const dispatcher of dispatchers.values())
        await (await dispatcher.catch(() => undefined))?.destroy();
    },
  };
}
