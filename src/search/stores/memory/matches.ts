import type { PictureFilter } from '../../collection/filter.ts';
import { folderRange } from '../../collection/paths.ts';
import type { Picture } from '../../collection/picture.ts';
import { onSphere, squaredChord } from '../../collection/place.ts';

const within = (value: number, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): boolean =>
  value >= least && value <= most;

function isIn(folder: string | undefined, path: string): boolean {
  if (folder === undefined) return true;
  const range = folderRange(folder);
  return path === range.path || path.startsWith(range.from);
}

function isNear(near: PictureFilter['near'], { latitude, longitude }: Picture): boolean {
  if (near === undefined) return true;
  if (latitude === undefined || longitude === undefined) return false;
  const [x, y, z] = onSphere(latitude, longitude);
  const [a, b, c] = onSphere(near.latitude, near.longitude);
  return (x - a) * (x - a) + (y - b) * (y - b) + (z - c) * (z - c) <= squaredChord(near.kilometres);
}

/** Whether all that a filter says holds for a picture: what the filters of every store must mean. */
export function matches(filter: PictureFilter, picture: Picture): boolean {
  const moment = picture.taken ?? picture.modified;
  const side = Math.min(picture.width, picture.height);
  return (
    isIn(filter.folder, picture.path) &&
    within(moment, filter.from) &&
    (filter.before === undefined || moment < filter.before) &&
    within(picture.bytes, filter.minBytes, filter.maxBytes) &&
    within(side, filter.minSide, filter.maxSide) &&
    isNear(filter.near, picture) &&
    (filter.kinds === undefined || filter.kinds.includes(picture.kind)) &&
    !(filter.without ?? []).includes(picture.id)
  );
}
