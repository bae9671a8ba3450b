import { z } from 'zod';
import { type FileFacts, PICTURE_KINDS, type Picture, type PictureFacts } from '../../collection/picture.ts';
import { onSphere } from '../../collection/place.ts';
import { sampleOrder } from '../../collection/sampleOrder.ts';

/** Columns of `pictures` besides `id` and `file`, in the order of {@link pictureValues}. */
export const PICTURE_COLUMNS = [
  'kind',
  'at',
  'width',
  'height',
  'taken',
  'latitude',
  'longitude',
  'x',
  'y',
  'z',
  'moment',
  'side',
  'bytes',
  'sample_order',
] as const;

/** The values of {@link PICTURE_COLUMNS}. */
export function pictureValues(picture: PictureFacts, file: FileFacts): (string | number | null)[] {
  const { kind, at, width, height, taken, latitude, longitude } = picture;
  const place =
    latitude === undefined || longitude === undefined ? [null, null, null] : onSphere(latitude, longitude);
  return [
    ...[kind, at, width, height],
    ...[taken ?? null, latitude ?? null, longitude ?? null],
    ...place,
    ...[taken ?? file.modified, Math.min(width, height), file.bytes, sampleOrder(file.hash, picture)],
  ];
}

/** What makes a {@link Picture}: of `pictures AS p` and `files AS f`. */
export const PICTURE_SELECTION = `p.id, p.kind, p.at, p.width, p.height, p.taken, p.latitude, p.longitude,
  f.path, f.bytes, f.modified, f.hash, f.how`;

export const FROM_PICTURES = 'pictures AS p JOIN files AS f ON f.id = p.file';

/** Some drivers give whole numbers of 64 bits as text. */
const whole = z.coerce.number().int();
const optional = z
  .number()
  .nullable()
  .transform((value) => value ?? undefined);

const pictureSchema = z.object({
  id: whole,
  kind: z.enum(PICTURE_KINDS),
  at: z.number(),
  width: whole,
  height: whole,
  taken: optional,
  latitude: optional,
  longitude: optional,
  path: z.string(),
  bytes: whole,
  modified: whole,
  hash: z.string(),
  how: z.string(),
});

/** A row of {@link PICTURE_SELECTION}. */
export const toPicture = (row: unknown): Picture => pictureSchema.parse(row);

const fileSchema = z.object({
  path: z.string(),
  bytes: whole,
  modified: whole,
  hash: z.string(),
  how: z.string(),
  bad: z
    .string()
    .nullable()
    .transform((value) => value ?? undefined),
});

/** A file and, where it is bad, why. @param row of `files` */
export const toFile = (row: unknown): FileFacts & { readonly bad: string | undefined } =>
  fileSchema.parse(row);
