import type { LoadOptions } from '../encoder/loadOptions.ts';
import { loadRules } from '../encoder/loadOptions.ts';
import { callback, flag, listOf, optional, rule, settings, text } from '../tensor/settings.ts';
import { type AccessOptions, accessRules } from './access/createAccess.ts';

export const DEFAULT_PORT = 7272;

export interface ServeOptions extends LoadOptions, AccessOptions {
  /** A name on the Hugging Face hub or a directory. Default: the embedded model. */
  readonly model?: string;
  /** 0 takes any free one. Default 7272, or the next free one after it. */
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /**
   * Host names under which the server may be asked besides `localhost`, addresses and `host`: of a proxy before it, or
   * of this machine in its network. A port is ignored.
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Let requests name images by `http` and `https` addresses, which the server then fetches; addresses of this machine and
   * of inner networks are refused. Default false.
   */
  readonly imageUrls?: boolean;
  /**
   * Where collections to search are kept: a folder, or an address such as `postgres://…`. It need not be there yet. Default:
   * SIGLIP2_DATABASE, else the user's folder of collections.
   */
  readonly collections?: string;
  /** A folder of training runs, or that of one run, to show on the page. Default: none. */
  readonly runs?: string;
  /** Open the page in the browser. Default false. */
  readonly open?: boolean;
  /** Close on SIGINT and SIGTERM, then exit. Default true. */
  readonly signals?: boolean;
  /** Receives what a user should read. Default: standard error. */
  readonly log?: (line: string) => void;
}

export const serveSchema = settings<ServeOptions>({
  ...loadRules,
  ...accessRules,
  model: optional(text),
  port: optional(
    rule<number>(
      'a whole number from 0 to 65535',
      (port) => Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65_535,
    ),
  ),
  host: optional(text),
  allowedHosts: optional(listOf(text)),
  imageUrls: optional(flag),
  collections: optional(text),
  runs: optional(text),
  open: optional(flag),
  signals: optional(flag),
  log: optional(callback()),
});

/** Those of the options that a model is loaded with. */
export const loadingOf = (options: ServeOptions): LoadOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(loadRules, name)));
