import type { Context } from 'hono';
import ipaddr from 'ipaddr.js';

/** What proxies add. */
const PROXIED: readonly string[] = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'];

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const field = (value: unknown, name: string): unknown =>
  isObject(value) && name in value ? Reflect.get(value, name) : undefined;

/** The address at the other end of the connection; undefined where there is none: a test that asks the app itself. */
function peerAddress({ env }: Pick<Context, 'env'>): string | undefined {
  const address = field(field(field(env, 'incoming'), 'socket'), 'remoteAddress');
  return typeof address === 'string' ? address : undefined;
}

/** Whether an address is one under which a machine reaches itself. */
export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';

/**
 * Whether a request comes from this machine itself. One that a proxy on it passes on does not, which such headers tell;
 * nobody gains anything by leaving them out, since proxies write them.
 */
export const isFromThisMachine = (context: Context): boolean =>
  isLoopback(peerAddress(context)) && !PROXIED.some((name) => context.req.header(name) !== undefined);

/** Whether an address is one of these, or in one of these ranges (`172.16.0.0/12`). */
function isWithin(address: string, ranges: readonly string[]): boolean {
  const parsed = ipaddr.process(address);
  return ranges.some((range) => {
    const [base, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : wholeAddress(range);
    return base.kind() === parsed.kind() && parsed.match(base, bits);
  });
}

function wholeAddress(address: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const parsed = ipaddr.process(address);
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128];
}

/**
 * The address of the one who asks. Behind proxies that are trusted it is the last one in `X-Forwarded-For` that is none of
 * theirs; what anybody else writes there is not looked at.
 */
export function clientAddress(context: Context, trustedProxies: readonly string[] = []): string {
  let address = peerAddress(context) ?? 'unknown';
  const forwarded = (context.req.header('x-forwarded-for') ?? '').split(',').map((text) => text.trim());
  while (ipaddr.isValid(address) && isWithin(address, trustedProxies)) {
    const before = forwarded.pop();
    if (before === undefined || !ipaddr.isValid(before)) break;
    address = before;
  }
  return ipaddr.isValid(address) ? ipaddr.process(address).toNormalizedString() : address;
}
