import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What is given out for the public internet (IANA): everything else in IPv6 has another purpose, or none yet. */
const PUBLIC_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** How a network without IPv4 reaches IPv4 (RFC 6052): the last four bytes are the address. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

function isGlobalV6(text: string): boolean {
  // A zone is of this machine's networks.
  if (text.includes('%')) return false;
  // In its shortest form, as ipaddr.js takes `::8.8.8.8` for a mapped address, which it is not.
  const address = ipaddr.process(new URL(`http://[${text}]`).hostname.slice(1, -1));
  if (address instanceof ipaddr.IPv4) return isUnicast(address);
  if (address.match(NAT64)) return isUnicast(new ipaddr.IPv4(address.toByteArray().slice(12)));
  return address.match(PUBLIC_V6) && isUnicast(address);
}

/**
 * What is left when all that has a purpose of its own is taken out: this host, private, shared (100.64/10), link-local,
 * benchmarks, documentation, multicast, reserved, and ways through tunnels (6to4, Teredo), whose ends are not seen.
 */
const isUnicast = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean => address.range() === 'unicast';

/** Whether an address is one of the public internet. An IPv4 address within IPv6 counts as itself. */
export function isGlobalAddress(text: string): boolean {
  const version = isIP(text);
  if (version === 6) return isGlobalV6(text);
  return version === 4 && isUnicast(ipaddr.IPv4.parse(text));
}
