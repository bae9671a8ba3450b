import { CheckpointError } from '../files/errors.ts';

/**
 * What kept a model from being had, after the errors of Python's huggingface_hub:
 * `repository` no such model, or it may not be seen; `gated` its terms are not accepted; `revision` no such branch, tag
 * or commit; `entry` a file that the model lacks; `http` another refusal; `unreachable` no answer, and nothing cached;
 * `notCached` offline, and nothing cached; `incomplete` offline, and only a part is cached; `proxy` the proxy refused;
 * `name` a name that cannot be used; `content` other bytes than announced; `unexpected` an answer that is not a hub's.
 */
export type HubFailure =
  | 'repository'
  | 'gated'
  | 'revision'
  | 'entry'
  | 'http'
  | 'unreachable'
  | 'notCached'
  | 'incomplete'
  | 'proxy'
  | 'name'
  | 'content'
  | 'unexpected';

/** A model that cannot be had from the hub; the message names the model, the fault and the remedy. */
export class HubError extends CheckpointError {
  readonly kind: HubFailure;

  constructor(kind: HubFailure, name: string, fault: string, options?: ErrorOptions) {
    super(name, fault, options);
    this.kind = kind;
  }
}

/** The server refused. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';

  constructor(
    readonly statusCode: number,
    /** `X-Error-Code`: `RepoNotFound`, `GatedRepo`, `RevisionNotFound`, `EntryNotFound`. */
    readonly errorCode: string | undefined,
    /** `X-Error-Message` */
    readonly errorMessage: string | undefined,
    /** Seconds after which to ask again, where the server says so. */
    readonly retryAfter: number | undefined,
  ) {
    super(`the server answered ${statusCode}`);
  }
}

/** No answer, or one that broke off: refused, timed out, closed. */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure';
}

/** The proxy would not pass the question on. Never a reason to use an older copy: the setting is wrong. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
}

/** An answer that came but is not a hub's, such as the login page of a network. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}
