import { badRequest } from '../requests/errors.ts';

/** What is wrong with an address or with what is there, for the one who named it. */
class Fault extends Error {}

export const fault = (message: string): Error => new Fault(message);

/** The faults of one address as an error that names it; anything else stays as it is. */
export const naming = (url: string, error: unknown): unknown =>
  error instanceof Fault ? badRequest(`${shortUrl(url)}: ${error.message}`) : error;

const LONGEST = 100;

/** An address as an error shows it: without what stands behind `?`, which may be secret, and not too long. */
export function shortUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const shown = url ? `${url.protocol}//${url.host}${url.pathname}` : text;
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown;
}
