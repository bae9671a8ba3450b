const DATE = /^(\d{4})[:/.-](\d{2})[:/.-](\d{2})[ T](\d{2}:\d{2}:\d{2})$/;
const OFFSET = /^([+-])(\d{2}):(\d{2})$/;
const MINUTE = 60_000;
/** No camera is older; 0000:00:00 and other fillers are. */
const FIRST_YEAR = 1826;

/** Milliseconds of a decimal fraction of a second: `5` is 500, `0123` is 12. */
const fraction = (digits: string | undefined): number =>
  digits !== undefined && /^\d+$/.test(digits) ? Math.floor(Number(`0.${digits}`) * 1000) : 0;

/** Minutes before UTC; 0 where nothing sound is said. */
function offsetMinutes(offset: string | undefined): number {
  if (offset === 'Z') return 0;
  const [, sign, hours, minutes] = OFFSET.exec(offset ?? '') ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return total <= 14 * 60 ? (sign === '-' ? -total : total) : 0;
}

/**
 * A date as EXIF writes it, `2024:07:31 18:05:09` with a fraction of a second and a time zone beside it, as milliseconds
 * since 1970. Without a time zone it is read as UTC.
 * @returns undefined for what is no time of the calendar
 */
export function exifDate(date: string | undefined, subSeconds?: string, offset?: string): number | undefined {
  const parts = DATE.exec(date ?? '');
  if (!parts) return undefined;
  const [, year, month, day, clock] = parts;
  const written = `${year}-${month}-${day}T${clock}`;
  const time = Date.parse(`${written}Z`);
  // 31 June and 24 o'clock roll over into the next day.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(written)) return undefined;
  if (Number(year) < FIRST_YEAR) return undefined;
  return time + fraction(subSeconds) - offsetMinutes(offset) * MINUTE;
}
