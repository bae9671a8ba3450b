import type { PictureFacts } from '../../collection/picture.ts';
import { exifDate } from './exifDate.ts';
import { openTags, type TagValue } from './tiffTags.ts';

type ExifFacts = Pick<PictureFacts, 'taken' | 'latitude' | 'longitude'>;

/** Tags by number (CIPA DC-008, Exif 2.32). */
const EXIF_DIRECTORY = 0x8769;
const GPS_DIRECTORY = 0x8825;
/** Date, fraction of a second, time zone: of the picture, then of its digital copy (scanned film). */
const DATES = [
  [0x9003, 0x9291, 0x9011],
  [0x9004, 0x9292, 0x9012],
] as const;
const LATITUDE = { reference: 1, degrees: 2, negative: 'S', most: 90 } as const;
const LONGITUDE = { reference: 3, degrees: 4, negative: 'W', most: 180 } as const;

const DIRECTORIES = new Set([EXIF_DIRECTORY, GPS_DIRECTORY]);
const DATE_TAGS = new Set<number>(DATES.flat());
const PLACE_TAGS = new Set<number>(
  [LATITUDE, LONGITUDE].flatMap(({ reference, degrees }) => [reference, degrees]),
);

type Tags = ReadonlyMap<number, TagValue>;

const textOf = (tags: Tags, tag: number): string | undefined => {
  const value = tags.get(tag);
  return typeof value === 'string' ? value : undefined;
};

function takenOf(tags: Tags): number | undefined {
  for (const [date, fraction, offset] of DATES) {
    const taken = exifDate(textOf(tags, date), textOf(tags, fraction), textOf(tags, offset));
    if (taken !== undefined) return taken;
  }
  return undefined;
}

/** Degrees, minutes and seconds (those that are left out are 0) as degrees; undefined where there are none. */
function angleOf(tags: Tags, { reference, degrees, negative, most }: typeof LATITUDE | typeof LONGITUDE) {
  const parts = tags.get(degrees);
  if (typeof parts === 'string' || parts === undefined || parts.length === 0) return undefined;
  const [whole, minutes = 0, seconds = 0] = parts;
  // Some write 0/0 for seconds that they do not know.
  const angle = whole! + (minutes || 0) / 60 + (seconds || 0) / 3600;
  if (!(angle >= 0 && angle <= most)) return undefined;
  return textOf(tags, reference)?.toUpperCase() === negative ? -angle : angle;
}

/** A place, if it is whole. Exactly 0° 0' is what software writes for none. */
function placeOf(tags: Tags): Pick<PictureFacts, 'latitude' | 'longitude'> {
  const latitude = angleOf(tags, LATITUDE);
  const longitude = angleOf(tags, LONGITUDE);
  if (latitude === undefined || longitude === undefined || (latitude === 0 && longitude === 0)) return {};
  return { latitude, longitude };
}

/**
 * When and where a picture was taken, as its EXIF block says (or a TIFF file, which is one). What is missing or makes no
 * sense is left out; nothing that the bytes hold is an error.
 */
export function exifFacts(bytes: Uint8Array | undefined): ExifFacts {
  const reader = bytes && openTags(bytes);
  if (!reader) return {};
  const directories = reader.read(reader.first, DIRECTORIES);
  const tagsIn = (directory: number, wanted: ReadonlySet<number>): Tags => {
    const at = directories.get(directory)?.[0];
    return typeof at === 'number' ? reader.read(at, wanted) : new Map();
  };
  const taken = takenOf(tagsIn(EXIF_DIRECTORY, DATE_TAGS));
  return { ...(taken !== undefined && { taken }), ...placeOf(tagsIn(GPS_DIRECTORY, PLACE_TAGS)) };
}
