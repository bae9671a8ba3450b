/** How often a request is sent again when the server is busy, starting or stopping. */
const RETRIES = 5;

let ownerToken: string | undefined;
let ask: (() => Promise<boolean>) | undefined;
let asking: Promise<boolean> | undefined;

/** Sends the token of whoever started the server with each request from now on. */
export function sendOwnerToken(token: string | undefined): void {
  ownerToken = token;
}

/**
 * Says who asks for a key where the server wants one (401). A refused request waits, and is sent again when there is a key.
 * @param prompt resolves to whether there is a key now; it is called once for all requests that wait
 */
export function whenKeyIsNeeded(prompt: () => Promise<boolean>): void {
  ask = prompt;
}

async function hasKeyNow(): Promise<boolean> {
  asking ??= (ask?.() ?? Promise.resolve(false)).finally(() => {
    asking = undefined;
  });
  return asking;
}

const send: typeof fetch = async (address, init) => {
  try {
    if (ownerToken === undefined) return await fetch(address, init);
    const headers = new Headers(init?.headers);
    headers.set('x-siglip2-token', ownerToken);
    return await fetch(address, { ...init, headers });
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    throw new Error('The server does not answer. Is it still running?', { cause: error });
  }
};

/** Waits as long as the server asks for before a request is sent again. */
async function untilRetry(response: Response): Promise<void> {
  const seconds = Number(response.headers.get('retry-after') ?? 1);
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}

/** The server's words in an error's body, of either shape: `{ error: string }`, or `{ error: { message } }` under /v1. */
function told(body: unknown): string | undefined {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (typeof error === 'string') return error;
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return typeof message === 'string' ? message : undefined;
}

/** An answer that is no success. */
class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

async function errorOf(response: Response): Promise<Error> {
  const body: unknown = await response.json().catch(() => undefined);
  return new AnswerError(told(body) ?? `The server answered ${response.status}.`, response.status);
}

/** A request that waits for nothing. @throws as `patientFetch` */
export const plainFetch: typeof fetch = async (address, init) => {
  const response = await send(address, init);
  if (!response.ok) throw await errorOf(response);
  return response;
};

/**
 * A request that waits for a busy server, and for a key where the server wants one.
 * @throws AnswerError in the server's words for any answer but a success; Error when there is no server
 */
export const patientFetch: typeof fetch = async (address, init) => {
  let response = await send(address, init);
  for (let retry = 0; retry < RETRIES; retry++) {
    if (response.status === 401) {
      if (!(await hasKeyNow())) break;
    } else if ([429, 503].includes(response.status)) await untilRetry(response);
    else break;
    init?.signal?.throwIfAborted();
    response = await send(address, init);
  }
  if (!response.ok) throw await errorOf(response);
  return response;
};
