import type { LookupFunction } from 'node:net';
import { isIPv6 } from 'node:net';
import type { Readable } from 'node:stream';
import { fault } from './fault.ts';
import type { Resolve } from './resolve.ts';

const CONNECT_MS = 5_000;
const SILENCE_MS = 10_000;

/** How a host's addresses are found and judged. */
export interface Reach {
  readonly resolve: Resolve;
  /** Whether an address may be dialled. */
  readonly isAllowed: (address: string) => boolean;
}

export interface Answer {
  readonly status: number;
  header(name: string): string;
  readonly body: Readable;
  /** Ends the connection. */
  close(): void;
}

/**
 * The addresses that are dialled, found once and looked at, all of them.
 * @throws Error the same for a name that does not exist as for one of an inner network: nobody learns those names here
 */
async function addressesOf(url: URL, { resolve, isAllowed }: Reach, signal: AbortSignal) {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await resolve(host, signal);
  signal.throwIfAborted();
  if (addresses.length === 0 || !addresses.every(isAllowed))
    throw fault(`is not fetched: ${host} has no address, or one that is not of the public internet`);
  return addresses;
}

/** Gives connections the addresses that were looked at, whatever the name means by now. */
const lookingUp =
  (addresses: readonly string[]): LookupFunction =>
  (_host, { all }, callback) => {
    const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    const [first] = found;
    if (all) callback(null, found);
    else if (first) callback(null, first.address, first.family);
  };

const HEADERS = {
  accept: 'image/*',
  // A compressed answer costs both sides work, and says less about its size.
  'accept-encoding': 'identity',
  'user-agent': 'siglip2',
};

/** One request, which follows nothing and asks no proxy. Certificates are checked for the host's name. */
export async function ask(url: URL, reach: Reach, signal: AbortSignal): Promise<Answer> {
  const addresses = await addressesOf(url, reach, signal);
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connect: { lookup: lookingUp(addresses), timeout: CONNECT_MS } });
  const close = () => {
    dispatcher.destroy().catch(() => {});
  };
  try {
    const times = { headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS };
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      signal,
      headers: HEADERS,
      ...times,
    });
    // One that is not read to its end is ended, and says so to whoever listens; here to nobody.
    body.on('error', () => {});
    const header = (name: string) => [headers[name] ?? ''].flat().join(', ').trim();
    return { status: statusCode, header, body, close };
  } catch {
    close();
    signal.throwIfAborted();
    throw fault('cannot be reached');
  }
}
