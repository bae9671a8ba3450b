/** A time between two moments, milliseconds since 1970; the second is not in it. */
export interface TimeSpan {
  readonly from: number;
  readonly before: number;
}

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2}))?)?)?$/;

export const DATE_FORMS =
  'expected a year, month, day or minute: 2024, 2024-05, 2024-05-03 or 2024-05-03T14:30';

const MINUTE = 60_000;

/**
 * The year, month, day or minute that a text names, as cameras and collections count it: by the clock of the place, kept
 * as if it were UTC.
 * @returns undefined for what is none, such as 2024-02-30
 */
export function timeSpan(text: string): TimeSpan | undefined {
  const match = DATE.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute] = match.slice(1).map((part) => (part ? Number(part) : undefined));
  const from = Date.UTC(year!, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0);
  // Months and days that there are not count on into the next ones.
  const named = new Date(from).toISOString();
  if (!named.startsWith(text.trim().replace(' ', 'T'))) return undefined;
  if (minute !== undefined) return { from, before: from + MINUTE };
  if (day !== undefined) return { from, before: Date.UTC(year!, month! - 1, day + 1) };
  if (month !== undefined) return { from, before: Date.UTC(year!, month) };
  return { from, before: Date.UTC(year! + 1, 0) };
}
