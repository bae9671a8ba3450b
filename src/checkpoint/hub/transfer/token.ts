import { readFile } from 'node:fs/promises';
import { codeOf } from '../../files/errorCode.ts';
import { CheckpointError } from '../../files/errors.ts';
import type { HubEnvironment } from '../environment.ts';
import type { Environment } from '../expandPath.ts';

/** An access token, and where it was found: what a message names when the hub does not take it. */
export interface Token {
  readonly value: string;
  readonly source: string;
}

/** Without line ends and the spaces around; nothing that is left is no token. */
const cleaned = (token: string | undefined): string | undefined =>
  token?.replace(/[\r\n]/g, '').trim() || undefined;

async function fromFile(path: string): Promise<string | undefined> {
  try {
    return cleaned(await readFile(path, 'utf8'));
  } catch (cause) {
    // No file: not logged in. Anything else is a token that the user believes to be in use.
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    const remedy = 'make it readable for you, or set HF_TOKEN';
    throw new CheckpointError(path, `the access token cannot be read (${String(code)}); ${remedy}`, {
      cause,
    });
  }
}

/** A header cannot carry anything else, and no token has it. */
const isSendable = (token: string): boolean => /^[\x20-\x7e]*$/.test(token);

async function find(given: string | false | undefined, env: Environment, hub: HubEnvironment) {
  if (given === false) return undefined;
  if (given !== undefined) return { value: given, source: 'the token that was given' };
  if (hub.disableImplicitToken) return undefined;
  // HF_TOKEN, where it holds anything, hides the older name, even when nothing is left of it.
  const name = env['HF_TOKEN'] ? 'HF_TOKEN' : 'HUGGING_FACE_HUB_TOKEN';
  const fromEnvironment = cleaned(env[name]);
  if (fromEnvironment !== undefined) return { value: fromEnvironment, source: name };
  const value = await fromFile(hub.tokenPath);
  return value === undefined ? undefined : { value, source: hub.tokenPath };
}

/**
 * The access token to send, found as Python's huggingface_hub finds it: given, `HF_TOKEN`, `HUGGING_FACE_HUB_TOKEN`,
 * the file that `hf auth login` writes. A token may have any form: endpoints other than the public hub have their own.
 * @param given the caller's; `false` for none.
 * @throws CheckpointError for a token that no request can carry, or a file that cannot be read.
 */
export async function findToken(
  given: string | false | undefined,
  env: Environment,
  hub: HubEnvironment,
): Promise<Token | undefined> {
  const token = await find(given, env, hub);
  if (token && !isSendable(token.value)) {
    const fault = 'the access token holds characters that no token has';
    throw new CheckpointError(token.source, `${fault}; correct it, or log in again (hf auth login)`);
  }
  return token;
}
