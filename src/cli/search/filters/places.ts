import type { PictureFilter } from '../../../search/collection/filter.ts';

/** Kilometres around a place where nobody says how many: a town. */
const KILOMETRES = 10;

export const PLACE_FORM =
  'expected LATITUDE,LONGITUDE or LATITUDE,LONGITUDE,KILOMETRES in degrees, such as 48.86,2.35,5';

/** `48.86,2.35` or `48.86,2.35,5`; undefined for what is no place. */
export function placeOf(text: string): PictureFilter['near'] | undefined {
  const parts = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [latitude = Number.NaN, longitude = Number.NaN, kilometres = KILOMETRES] = parts;
  const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
  if (parts.length > 3 || !isPlace || !(kilometres > 0) || kilometres === Number.POSITIVE_INFINITY)
    return undefined;
  return { latitude, longitude, kilometres };
}
