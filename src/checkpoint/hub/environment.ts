import { dirname, join } from 'node:path';
import { CheckpointError, quote } from '../files/errors.ts';
import { type Environment, expandPath, homeOf } from './expandPath.ts';

/** What the environment says about the hub, with the defaults of Python's huggingface_hub. */
export interface HubEnvironment {
  /** `HF_ENDPOINT`, without slashes at its end. */
  readonly endpoint: string;
  /** The folder of the cache: `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub`. */
  readonly cacheDir: string;
  /** `HF_TOKEN_PATH`, else `HF_HOME/token`. */
  readonly tokenPath: string;
  /** Where the login tools keep several tokens by name: always beside {@link tokenPath}. */
  readonly storedTokensPath: string;
  /** `HF_HUB_OFFLINE`, or `TRANSFORMERS_OFFLINE` where that is not set. */
  readonly offline: boolean;
  /** `HF_HUB_DISABLE_IMPLICIT_TOKEN`: a token is sent only where the caller gives one. */
  readonly disableImplicitToken: boolean;
  /** `HF_HUB_DISABLE_SYMLINKS`: files stand in the snapshot themselves. */
  readonly disableSymlinks: boolean;
  /** `HF_HUB_DISABLE_SYMLINKS_WARNING` */
  readonly disableSymlinksWarning: boolean;
  /** `HF_HUB_DISABLE_PROGRESS_BARS` */
  readonly disableProgressBars: boolean;
  /** Seconds without an answer to a question about a model: `HF_HUB_ETAG_TIMEOUT`, default 10. */
  readonly etagTimeout: number;
  /** Seconds without a byte of a file: `HF_HUB_DOWNLOAD_TIMEOUT`, default 10. */
  readonly downloadTimeout: number;
  /** `HF_HUB_USER_AGENT_ORIGIN`: who asks, in the user agent. */
  readonly userAgentOrigin: string | undefined;
  /** `HF_HUB_VERBOSITY`: false for `error` and `critical`, which hide what is only worth a note. */
  readonly notices: boolean;
}

const PUBLIC_HUB = 'https://huggingface.co';
const DEFAULT_TIMEOUT = 10;

const isTrue = (value: string | undefined): boolean => /^(?:1|on|yes|true)$/i.test(value ?? '');

/** Whole seconds as Python's `int` reads them; nothing and 0 mean the default. */
function seconds(name: string, env: Environment): number {
  const value = env[name];
  if (value === undefined) return DEFAULT_TIMEOUT;
  if (!/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value) || Number.parseInt(value, 10) < 0) {
    const remedy = 'set it to a whole number of seconds, or unset it';
    throw new CheckpointError(name, `is ${quote(value)}, not a number of seconds; correct it: ${remedy}`);
  }
  return Number(value.replaceAll('_', '')) || DEFAULT_TIMEOUT;
}

/**
 * Reads the variables that Python's huggingface_hub reads, to the same values.
 * @throws CheckpointError naming a variable that cannot be used.
 */
export function hubEnvironment(env: Environment = process.env): HubEnvironment {
  const cacheHome = env['XDG_CACHE_HOME'] ?? join(homeOf(env), '.cache');
  // An empty variable is a value, as for Python: the cache is then in the working directory.
  const home = expandPath(env['HF_HOME'] ?? join(cacheHome, 'huggingface'), env);
  const cacheDir = env['HF_HUB_CACHE'] ?? env['HUGGINGFACE_HUB_CACHE'] ?? join(home, 'hub');
  const tokenPath = expandPath(env['HF_TOKEN_PATH'] ?? join(home, 'token'), env);
  return {
    endpoint: (env['HF_ENDPOINT'] ?? PUBLIC_HUB).replace(/\/+$/, ''),
    cacheDir: expandPath(cacheDir, env),
    tokenPath,
    storedTokensPath: join(dirname(tokenPath), 'stored_tokens'),
    offline: isTrue(env['HF_HUB_OFFLINE'] || env['TRANSFORMERS_OFFLINE']),
    disableImplicitToken: isTrue(env['HF_HUB_DISABLE_IMPLICIT_TOKEN']),
    disableSymlinks: isTrue(env['HF_HUB_DISABLE_SYMLINKS']),
    disableSymlinksWarning: isTrue(env['HF_HUB_DISABLE_SYMLINKS_WARNING']),
    disableProgressBars: isTrue(env['HF_HUB_DISABLE_PROGRESS_BARS']),
    etagTimeout: seconds('HF_HUB_ETAG_TIMEOUT', env),
    downloadTimeout: seconds('HF_HUB_DOWNLOAD_TIMEOUT', env),
    userAgentOrigin: env['HF_HUB_USER_AGENT_ORIGIN'],
    notices: !/^(?:error|critical)$/i.test(env['HF_HUB_VERBOSITY'] ?? env['HUGGINGFACE_HUB_VERBOSITY'] ?? ''),
  };
}
