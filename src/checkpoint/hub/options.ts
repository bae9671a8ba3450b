import { resolve } from 'node:path';
import {
  anyText,
  callback,
  flag,
  object,
  optional,
  type Rules,
  rule,
  settings,
  text,
  wholeNumber,
} from '../../tensor/settings.ts';
import { repoFolder } from './cache/cache.ts';
import { type HubEnvironment, hubEnvironment } from './environment.ts';
import { type Environment, expandUser } from './expandPath.ts';
import { findToken, type Token } from './transfer/token.ts';

export interface DownloadProgress {
  /** File within the repository. */
  readonly file: string;
  /** Bytes of it that are on disk, and its size. */
  readonly received: number;
  readonly total: number;
  /** The same over all files of the model that are known to be needed; what was there before counts as received. */
  readonly overall: { readonly received: number; readonly total: number };
}

export interface ResolveOptions {
  /** Default: that of Python's huggingface_hub (`HF_HUB_CACHE`, `HF_HOME`, `~/.cache/huggingface/hub`). */
  readonly cacheDir?: string;
  /** Branch, tag, commit or `refs/pr/1`; default `main`. */
  readonly revision?: string;
  /** Use only what the cache has. Default: `HF_HUB_OFFLINE`, or `TRANSFORMERS_OFFLINE`. */
  readonly offline?: boolean;
  /** Default: `HF_ENDPOINT`, or the public hub. */
  readonly hubUrl?: string;
  /**
   * Access token for gated and private models; `false` for none. Default: `HF_TOKEN`, or the file that `hf auth login`
   * writes. It is sent to the hub's own host alone.
   */
  readonly token?: string | false;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /**
   * Receives what a user should know and nothing fails for: a cached copy is used since the hub cannot be reached,
   * nothing arrives, the disk may be too small. Default: a warning of the process.
   */
  readonly onNotice?: (message: string) => void;
  /** Further attempts for a file whose transfer breaks, after the last one that got somewhere; default 5. */
  readonly retries?: number;
  /** Ends a download; what has arrived is kept, and the next one goes on from there. */
  readonly signal?: AbortSignal;
}

/** The rule of each field, for options that have them among others. */
export const resolveRules: Rules<ResolveOptions> = {
  cacheDir: optional(text),
  // What a revision and an address must look like is said with the model's name.
  revision: optional(anyText),
  offline: optional(flag),
  hubUrl: optional(anyText),
  token: optional(rule('a text, or false', (value) => typeof value === 'string' || value === false)),
  onProgress: optional(callback()),
  onNotice: optional(callback()),
  retries: optional(wholeNumber),
  signal: optional(object('an AbortSignal')),
};

export const resolveSchema = settings<ResolveOptions>(resolveRules);

/** What of wider options says how a model is found. */
export const resolving = (options: ResolveOptions): ResolveOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(resolveRules, name)));

/** Options with their defaults, for one model. */
export interface HubRequest {
  readonly name: string;
  readonly revision: string;
  readonly endpoint: string;
  readonly token: Token | undefined;
  readonly cacheDir: string;
  /** The model's folder in the cache. */
  readonly repo: string;
  readonly environment: HubEnvironment;
  readonly env: Environment;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly onNotice: (message: string) => void;
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
}

const warn = (message: string): void => process.emitWarning(message, 'HubWarning');

/**
 * What is asked for, from the options and the environment.
 * @throws CheckpointError naming a variable or a token file that cannot be used.
 */
export async function hubRequest(
  name: string,
  options: ResolveOptions,
  env: Environment = process.env,
): Promise<HubRequest> {
  const environment = hubEnvironment(env);
  const given = options.cacheDir === undefined ? undefined : expandUser(options.cacheDir, env);
  const cacheDir = resolve(given ?? environment.cacheDir);
  const { onNotice = warn } = options;
  if (env['HF_OIDC_RESOURCE'])
    onNotice('HF_OIDC_RESOURCE is not used here; set HF_TOKEN to the token it gives');
  return {
    name,
    revision: options.revision ?? 'main',
    endpoint: (options.hubUrl ?? environment.endpoint).replace(/\/+$/, ''),
    token: await findToken(options.token, env, environment),
    cacheDir,
    repo: `${cacheDir}/${repoFolder(name)}`,
    environment,
    env,
    onProgress: options.onProgress ?? (() => {}),
    onNotice: environment.notices ? onNotice : () => {},
    retries: options.retries ?? 5,
    signal: options.signal,
  };
}
