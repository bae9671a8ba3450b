import type { Opening } from './opening.ts';

/** Who may ask what. */
export interface Access {
  /** Keys of programs and people; without one anybody who reaches the server may ask. */
  readonly keys: readonly string[];
  /** Other web pages that may ask, as their origins (`https://app.example`), or `*` for all. */
  readonly origins: readonly string[];
  /**
   * What the one who started the server has, and nobody else: made at each start, in the address that is printed. It lets
   * the page index folders and change the model. None where the server listens on more than this machine.
   */
  readonly ownerToken: string | undefined;
  /** @internal How the browser that is started with the server gets the token. */
  readonly opening?: Opening | undefined;
  /** Addresses of proxies whose word on who asks is taken, such as `127.0.0.1` or `172.16.0.0/12`. Default: none. */
  readonly trustedProxies?: readonly string[];
}

/** Whoever reaches the server may ask, and nobody may change anything. */
export const OPEN: Access = { keys: [], origins: [], ownerToken: undefined };
