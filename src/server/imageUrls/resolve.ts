import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** All addresses of a host name; none when there is no such name. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

/** Milliseconds for one question to a name server, and how often it is asked. */
const PATIENCE = { timeout: 2000, tries: 2 };

/**
 * Asks the name servers of this machine, for IPv4 first. Not by the system's own `getaddrinfo`: it cannot be stopped, and
 * a few names that nobody answers for would hold all threads in which this process reads files.
 */
export const askNameServers: Resolve = async (host, signal) => {
  if (isIP(host) !== 0) return [host];
  const resolver = new Resolver(PATIENCE);
  const stop = () => resolver.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  } finally {
    signal.removeEventListener('abort', stop);
  }
};
