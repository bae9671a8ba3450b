import { type Budget, createBudget, throwIfGone } from '../requests/budget.ts';
import { LIMITS, SHARED } from '../requests/limits.ts';
import { type Answer, ask, type Reach } from './ask.ts';
import { fault, naming, shortUrl } from './fault.ts';
import { isGlobalAddress } from './globalAddress.ts';
import { readImageBytes } from './imageBytes.ts';
import { askNameServers } from './resolve.ts';

/** An image that was fetched. */
export interface FetchedImage {
  readonly file: File;
  /** Gives back the memory that it holds of what all requests share: call it when the image is decoded, or not wanted. */
  release(): void;
}

/**
 * Fetches an image by its address.
 * @throws HTTPException 400 naming the address and what is wrong with it, without what an inner host answered; 429 when the
 *   images of all requests hold too much memory; the signal's reason when it is aborted first
 */
export type FetchImage = (url: string, options: { readonly signal: AbortSignal }) => Promise<FetchedImage>;

interface FetchLimits {
  readonly maxBytes: number;
  /** For one image, redirects included. */
  readonly milliseconds: number;
  readonly redirects: number;
  /** Images that are fetched at the same time; others wait. */
  readonly atOnce: number;
  /** Bytes of all fetched images that are not yet released. */
  readonly bytes: number;
}

const FETCH: FetchLimits = {
  maxBytes: LIMITS.imageBytes,
  milliseconds: 15_000,
  redirects: 3,
  atOnce: SHARED.fetches,
  bytes: SHARED.fetchedBytes,
};

const LONGEST_URL = 2048;

/** @throws Error when it is no address that is fetched */
function parse(text: string, base?: URL): URL {
  if (text.length > LONGEST_URL || !URL.canParse(text, base?.href)) throw fault('is no address');
  const url = new URL(text, base?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw fault('is not fetched: only http and https are');
  if (url.username !== '' || url.password !== '')
    throw fault('is not fetched: it has a user name or a password in it');
  return url;
}

const isRedirect = ({ status }: Answer): boolean => [301, 302, 303, 307, 308].includes(status);

/** The answer at the end of the redirects, each of which is looked at like the first address. */
async function follow(
  first: URL,
  reach: Reach,
  { redirects, signal }: { redirects: number; signal: AbortSignal },
) {
  let url = first;
  for (let followed = 0; ; followed++) {
    const answer = await ask(url, reach, signal);
    if (!isRedirect(answer)) return answer;
    answer.close();
    if (followed === redirects) throw fault(`is redirected more than ${redirects} times`);
    url = parse(answer.header('location'), url);
  }
}

const IMAGE = /^(image\/[\w.+-]+|(application|binary)\/octet-stream)?$/i;

/** @throws Error when an answer is none with an image, as far as its head tells */
function checkHead({ status, header }: Answer, maxBytes: number): void {
  if (status !== 200) throw fault(`was answered with status ${status}`);
  const type = header('content-type').split(';')[0]?.trim() ?? '';
  if (!IMAGE.test(type)) throw fault(`is ${JSON.stringify(type.slice(0, 60))}, not an image`);
  if (Number(header('content-length')) > maxBytes)
    throw fault(`has more than the limit of ${maxBytes} bytes`);
}

/** The image at an address. */
async function download(
  text: string,
  reach: Reach,
  limits: FetchLimits,
  budget: Budget,
  signal: AbortSignal,
) {
  const { redirects, maxBytes } = limits;
  const answer = await follow(parse(text), reach, { redirects, signal });
  try {
    checkHead(answer, maxBytes);
    const encoding = answer.header('content-encoding').toLowerCase();
    const { bytes, release } = await readImageBytes(answer.body, { encoding, maxBytes, budget });
    return { file: new File([bytes], shortUrl(text)), release };
  } finally {
    answer.close();
  }
}

/** What an error of Node's says about a body that ended early, or came damaged, is of no use to who named the address. */
const readable = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? fault('ended early, or came damaged') : error;

/**
 * Fetches images from the public internet, never from this machine or an inner network: a host's addresses are found once
 * and all looked at, and those are dialled.
 * @param reach how hosts are found and judged, for tests
 */
export function createFetchImage(
  reach: Reach = { resolve: askNameServers, isAllowed: isGlobalAddress },
  limits: FetchLimits = FETCH,
): FetchImage {
  const places = createBudget(limits.atOnce);
  const budget = createBudget(limits.bytes);
  return async (url, { signal }) => {
    const leave = await places.reserve(1, signal);
    const late = AbortSignal.timeout(limits.milliseconds);
    try {
      return await download(url, reach, limits, budget, AbortSignal.any([signal, late]));
    } catch (error) {
      throwIfGone(signal);
      const told = late.aborted
        ? fault(`did not arrive within ${limits.milliseconds / 1000} s`)
        : readable(error);
      throw naming(url, told);
    } finally {
      leave();
    }
  };
}
