import { BlockList, isIP } from 'node:net';
import type { Environment } from '../expandPath.ts';

/**
 * The proxies that the environment names, by scheme, as Python's `urllib.request.getproxies` reads them: lower case
 * wins over upper, an empty lower-case variable takes the upper one away, and `HTTP_PROXY` does not count in a CGI
 * script, where a visitor could set it.
 */
function proxiesOf(env: Environment): Map<string, string> {
  const found = new Map<string, string>();
  const named = Object.entries(env).filter(([name]) => /_proxy$/i.test(name));
  const scheme = (name: string) => name.slice(0, -'_proxy'.length).toLowerCase();
  for (const [name, value] of named) if (value) found.set(scheme(name), value);
  if (env['REQUEST_METHOD'] !== undefined) found.delete('http');
  for (const [name, value] of named) {
    if (!name.endsWith('_proxy')) continue;
    if (value) found.set(scheme(name), value);
    else found.delete(scheme(name));
  }
  return found;
}

/** Whether an address lies in a network such as `10.0.0.0/8`; false when either is none. */
function inNetwork(host: string, address: string, bits: string): boolean {
  const [family, hostFamily] = [isIP(address), isIP(host)];
  if (family === 0 || family !== hostFamily || !/^\d+$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}

/** A host's name without the brackets of an IPv6 address, in lower case. */
const bare = (host: string): string => host.replace(/^\[|\]$/g, '').toLowerCase();

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** One entry of NO_PROXY with its parts apart; a scheme and a port are rare, and both must then fit. */
function splitEntry(entry: string) {
  const [, scheme, rest = entry] = /^(\w+):\/\/(.*)$/.exec(entry) ?? [];
  const [, host = rest, port] = isIP(rest) ? [] : (/^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(rest) ?? []);
  return { scheme, host: bare(host), port };
}

/** Whether one entry of NO_PROXY covers an address. */
function covers(entry: string, { hostname, port, protocol }: URL): boolean {
  const [, network, bits] = /^\[?([\da-f.:]+)\]?\/(.*)$/i.exec(entry) ?? [];
  if (network !== undefined && bits !== undefined) return inNetwork(bare(hostname), network, bits);
  if (entry.includes('/') && !entry.includes('://')) return false;
  const wanted = splitEntry(entry);
  if (wanted.scheme !== undefined && wanted.scheme !== 'all' && `${wanted.scheme}:` !== protocol)
    return false;
  // An address without a port has its scheme's, which the entry's explicit one then does not mean.
  if (wanted.port !== undefined && wanted.port !== (port || undefined)) return false;
  if (wanted.port !== undefined && wanted.port === DEFAULT_PORTS[protocol]) return false;
  const host = bare(hostname);
  if (wanted.scheme !== undefined || isIP(wanted.host) || wanted.host === 'localhost')
    return wanted.host === '' || host === wanted.host;
  const name = wanted.host.replace(/^\*?\./, '');
  const exact = name === wanted.host && host === name;
  return exact || host.endsWith(`.${name}`);
}

/**
 * The proxy through which Python's huggingface_hub would ask for an address: `HTTP_PROXY`, `HTTPS_PROXY` or
 * `ALL_PROXY`, unless `NO_PROXY` covers the address (`*`; `example.com` and what is below it; `.example.com` and
 * `*.example.com` only what is below; addresses; networks such as `10.0.0.0/8`).
 */
export function proxyFor(address: string, env: Environment): string | undefined {
  const proxies = proxiesOf(env);
  const url = new URL(address);
  const exceptions = (proxies.get('no') ?? '').split(',').map((entry) => entry.trim());
  if (exceptions.some((entry) => entry === '*' || (entry !== '' && covers(entry, url)))) return undefined;
  const proxy = proxies.get(url.protocol.slice(0, -1)) ?? proxies.get('all');
  return proxy === undefined || proxy.includes('://') ? proxy : `http://${proxy}`;
}
