/**
 * A probability as people read it.
 * @param probability 0 … 1
 */
export function percent(probability: number): string {
  const value = probability * 100;
  if (value > 0 && value < 0.1) return '< 0.1 %';
  if (value < 10) return `${value.toFixed(1)} %`;
  return value > 99 && value < 100 ? '> 99 %' : `${Math.round(value)} %`;
}

const compactFormat = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** A count in three figures: 7.12M. */
export const compact = (count: number): string => compactFormat.format(count);

/** A count with all its figures: 3,372. */
export const exact = (count: number): string => count.toLocaleString('en');

/** A count with its word: 1 picture, 3,372 pictures. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${exact(count)} ${count === 1 ? one : many}`;

const UNITS = ['byte', 'kB', 'MB', 'GB', 'TB'];

/** A size of a file or a download: 1.5 MB. */
export function bytes(size: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, size)) / 3)));
  if (power === 0) return counted(size, 'byte');
  return `${Number((size / 1000 ** power).toPrecision(3))} ${UNITS[power]}`;
}

const dayFormat = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });

/**
 * A day: 3 May 2024. Days are those of the camera's clock, which is kept as if it were UTC.
 * @param time milliseconds since 1970
 */
export const day = (time: number): string => dayFormat.format(time);

/** A span of time as people say it: 40 s, 3 min, 2 h 5 min. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
