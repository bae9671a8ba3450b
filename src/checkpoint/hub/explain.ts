import { quote } from '../files/errors.ts';
import { ConnectionFailure, HttpFailure, HubError, ProxyFailure, UnexpectedAnswer } from './hubError.ts';
import type { Token } from './transfer/token.ts';

/** What was asked for, as messages name it. */
export interface Subject {
  readonly name: string;
  readonly revision: string;
  readonly endpoint: string;
  readonly token: Token | undefined;
}

/** The hub's own words, short and without the mark that separates fault from remedy. */
const words = ({ errorMessage }: HttpFailure): string =>
  errorMessage ? `: ${quote(errorMessage.replaceAll(';', ','))}` : '';

const whoAsks = ({ token }: Subject): string =>
  token ? `with the token of ${token.source}` : 'without a token';

/** How to be let in, with a token and without. */
function permission({ name, endpoint, token }: Subject): string {
  const terms = `accept its terms at ${endpoint}/${name}`;
  return token
    ? `see that the account of ${token.source} may read it: ${terms}`
    : `use the token of an account that may read it (HF_TOKEN, or hf auth login), and ${terms}`;
}

function gated(error: HttpFailure, subject: Subject): HubError {
  const fault = `is gated, and may not be read ${whoAsks(subject)} (${error.statusCode})${words(error)}`;
  return new HubError('gated', subject.name, `${fault}; ${permission(subject)}`, { cause: error });
}

function missing(error: HttpFailure, subject: Subject): HubError {
  const fault = `does not exist on ${subject.endpoint}, or may not be read ${whoAsks(subject)} (${error.statusCode})`;
  const advice = `check the name, or for a private model ${permission(subject)}`;
  return new HubError('repository', subject.name, `${fault}${words(error)}; ${advice}`, { cause: error });
}

function refused(error: HttpFailure, subject: Subject): HubError {
  const { name, revision, endpoint } = subject;
  const { statusCode, errorCode } = error;
  if (errorCode === 'GatedRepo') return gated(error, subject);
  if (errorCode === 'RevisionNotFound') {
    const fault = `has no revision ${quote(revision)} on ${endpoint}`;
    return new HubError('revision', name, `${fault}; name a branch, tag or commit of it such as main`, {
      cause: error,
    });
  }
  if (errorCode === 'EntryNotFound') {
    const fault = `lacks a file that its list names (${statusCode})`;
    return new HubError('entry', name, `${fault}; try again later`, { cause: error });
  }
  if (errorCode === 'RepoNotFound' || statusCode === 401 || statusCode === 404)
    return missing(error, subject);
  if (statusCode === 403) {
    const fault = `may not be read ${whoAsks(subject)} (403)${words(error)}`;
    return new HubError('http', name, `${fault}; ${permission(subject)}`, { cause: error });
  }
  const wait = error.retryAfter === undefined ? 'later' : `in ${error.retryAfter} seconds`;
  const fault = `${endpoint} answered ${statusCode}${words(error)}`;
  return new HubError('http', name, `${fault}; try again ${wait}`, { cause: error });
}

/** Turns a failed question to the hub into one sentence that says what to do. */
export function explain(error: unknown, subject: Subject): unknown {
  const { name, endpoint } = subject;
  const options = { cause: error };
  if (error instanceof HttpFailure) return refused(error, subject);
  if (error instanceof ProxyFailure) {
    const advice = 'correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or name the host in NO_PROXY';
    return new HubError('proxy', name, `${error.message}; ${advice}`, options);
  }
  if (error instanceof UnexpectedAnswer) {
    const advice =
      'check that HF_ENDPOINT names a hub and that no proxy answers for it, or name a local directory';
    const fault = `${endpoint} gave an unexpected answer (${error.message})`;
    return new HubError('unexpected', name, `${fault}; ${advice}`, options);
  }
  if (error instanceof ConnectionFailure) {
    const advice = 'check the network, the proxy (HTTPS_PROXY) and HF_ENDPOINT, or name a local directory';
    const fault = `${endpoint} cannot be reached (${error.message}), and no complete copy is cached`;
    return new HubError('unreachable', name, `${fault}; ${advice}`, options);
  }
  return error;
}
