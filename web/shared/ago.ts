const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

const UNITS = [
  { unit: 'second', seconds: 1, most: 60 },
  { unit: 'minute', seconds: 60, most: 60 },
  { unit: 'hour', seconds: 3600, most: 24 },
  { unit: 'day', seconds: 86_400, most: 14 },
] as const;

/**
 * How long ago something was, as people say it: `5 minutes ago`, the date where that is long.
 * @param time milliseconds since 1970
 */
export function ago(time: number, now = Date.now()): string {
  const seconds = Math.max(0, (now - time) / 1000);
  const found = UNITS.find(({ seconds: length, most }) => seconds < length * most);
  return found ? relative.format(-Math.floor(seconds / found.seconds), found.unit) : day.format(time);
}
