import { expect, it } from 'vitest';
import { isGlobalAddress } from '../../../src/server/imageUrls/globalAddress.ts';

it.each([
  '8.8.8.8',
  '1.1.1.1',
  '193.0.0.1',
  '2606:4700:4700::1111',
  '2a00:1450:4001::200e',
  // IPv4 within IPv6 counts as itself.
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
])('%s is of the public internet', (address) => {
  expect(isGlobalAddress(address)).toBe(true);
});

it.each([
  ['this host', '0.0.0.0', '0.1.2.3', '::'],
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
  ['shared', '100.64.0.1', '100.127.255.255'],
  ['link-local', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1'],
  ['protocols', '192.0.0.1', '192.0.0.170', '192.88.99.1', '192.31.196.1', '192.52.193.1', '192.175.48.1'],
  ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  ['benchmarks', '198.18.0.1', '198.19.255.255', '2001:2::1'],
  ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
  ['reserved', '240.0.0.1', '255.255.255.255', '4000::1', '5f00::1', '100::1', '100:0:0:1::1'],
  [
    'within IPv6',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::ffff:0:8.8.8.8',
    '::8.8.8.8',
    '::7f00:1',
  ],
  ['behind NAT64', '64:ff9b::10.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::8.8.8.8', '64:ff9b:1::1'],
  ['tunnels', '2002:7f00:1::', '2002:808:808::1', '2001::1', '2001:0:808:808::1'],
  ['with a zone', '2606:4700::1%eth0', '::ffff:8.8.8.8%1'],
  ['no address', '', 'localhost', '1.2.3', '1.2.3.4.5', '[::1]', '999.1.1.1'],
])('%s is not', (_, ...addresses) => {
  for (const address of addresses) expect(isGlobalAddress(address), address).toBe(false);
});
