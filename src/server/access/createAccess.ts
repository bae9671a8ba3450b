import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { listOf, optional, type Rules, text } from '../../tensor/settings.ts';
import type { Access } from './access.ts';
import { checkKeys } from './keys.ts';

/** Who may use a server, as its operator says it. */
export interface AccessOptions {
  /**
   * Keys of at least 16 characters, one of which every request must bring. Default: none, and whoever reaches the server
   * may use it.
   */
  readonly apiKeys?: readonly string[];
  /**
   * Other web pages that may ask, as origins such as `https://app.example`. `*` is all of them, only where there are keys.
   * Default: none but the server's own page.
   */
  readonly corsOrigins?: readonly string[];
  /**
   * Proxies whose `X-Forwarded-For` is believed, as addresses or ranges (`172.16.0.0/12`): wrong keys are counted for each
   * address. Default: none.
   */
  readonly trustedProxies?: readonly string[];
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');

/** A list of texts that no error shows. */
const secrets = z
  .custom<readonly string[]>(() => true)
  .superRefine((value, context) => {
    if (isTexts(value)) return;
    const message = 'it must be a list of texts that are not empty (what was given is not shown)';
    context.addIssue({ code: 'custom', message, params: { whole: true } });
  });

export const accessRules: Rules<AccessOptions> = {
  apiKeys: optional(secrets),
  corsOrigins: optional(listOf(text)),
  trustedProxies: optional(listOf(text)),
};

/** @throws Error when it is no origin */
function checkOrigin(given: string): string {
  if (given === '*') return given;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href)
    throw new Error(
      `the origin ${JSON.stringify(given)} is none: give scheme and host without a path, for example https://app.example`,
    );
  return url.origin;
}

function checkProxy(given: string): string {
  if (ipaddr.isValid(given) || ipaddr.isValidCIDR(given)) return given;
  throw new Error(
    `the trusted proxy ${JSON.stringify(given)} is no address: give one such as 127.0.0.1, or a range such as 172.16.0.0/12`,
  );
}

/**
 * Who may ask what, without an owner.
 * @throws Error naming what is wrong; never a key
 */
export function createAccess({
  apiKeys = [],
  corsOrigins = [],
  trustedProxies = [],
}: AccessOptions): Omit<Access, 'ownerToken'> {
  const keys = checkKeys(apiKeys, 'the API key');
  const origins = corsOrigins.map(checkOrigin);
  if (origins.includes('*') && keys.length === 0)
    throw new Error(
      'the origin * needs API keys: without one, any web page that somebody in your network opens could use this server',
    );
  return { keys, origins, trustedProxies: trustedProxies.map(checkProxy) };
}
