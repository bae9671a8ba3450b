import type { ClientConfig } from 'pg';

/** A `postgres://` or `postgresql://` address, as people and this program need it. */
export interface Address {
  /** With the password: for the connection alone. */
  readonly url: string;
  /** Without it: for messages. */
  readonly shown: string;
}

/** Without a word of the operating system, a connection attempt ends after this. */
const CONNECT_SECONDS = 10;

export const isAddress = (location: string): boolean => /^postgres(ql)?:\/\//.test(location);

/**
 * Takes an address apart. Without `uselibpqcompat`, `sslmode` means what it means in PostgreSQL's own programs.
 * @throws RangeError when it is no address
 */
export function parseAddress(location: string): Address {
  let url: URL;
  try {
    url = new URL(location);
  } catch {
    // What is not an address may still have a password in it.
    throw new RangeError('the address of the database cannot be read; write postgres://USER@HOST/DATABASE');
  }
  const shown = new URL(url.href);
  shown.password = '';
  shown.searchParams.delete('password');
  if (url.searchParams.has('sslmode') && !url.searchParams.has('uselibpqcompat'))
    url.searchParams.set('uselibpqcompat', 'true');
  return { url: url.href, shown: shown.href };
}

/** How to connect. */
export function clientConfig({ url }: Address): ClientConfig {
  const seconds = Number(new URL(url).searchParams.get('connect_timeout')) || CONNECT_SECONDS;
  return {
    connectionString: url,
    connectionTimeoutMillis: seconds * 1000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    fallback_application_name: 'siglip2',
  };
}
