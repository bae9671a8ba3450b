import { z } from '@hono/zod-openapi';
import { PICTURE_KINDS } from '../../../search/collection/picture.ts';

const MOMENT = 'is no time: write 2024-05-03, 2024-05-03T18:00:00Z, or milliseconds since 1970';

/** An ISO date, or milliseconds since 1970. */
const moment = z
  .union([z.number(), z.string()], MOMENT)
  .transform((given, context) => {
    const isCount = typeof given === 'number' || /^-?\d{5,}$/.test(given);
    const time = isCount ? Number(given) : Date.parse(given);
    if (Number.isFinite(time)) return time;
    context.addIssue({ code: 'custom', message: MOMENT });
    return z.NEVER;
  })
  .openapi({ type: ['string', 'number'], example: '2024-05-03' });

const size = z.number().min(0);
const kinds = z.array(z.enum(PICTURE_KINDS)).min(1);
const folder = z
  .string()
  .min(1, 'is empty')
  .max(4096)
  .openapi({ description: 'A folder with all below it, or a file, as paths of pictures are.' });
const near = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  kilometres: z.number().positive(),
});

/** Which pictures are looked at. */
export const filterSchema = z
  .strictObject({
    folder: folder.optional(),
    from: moment
      .optional()
      .openapi({ description: 'Of when it was taken, else of the last change of its file.' }),
    before: moment.optional(),
    min_bytes: size.optional().openapi({ description: 'Of its file.' }),
    max_bytes: size.optional(),
    min_side: size.optional().openapi({ description: 'Pixels of the shorter side.' }),
    max_side: size.optional(),
    near: near.optional().openapi({ description: 'Pictures without a place are left out.' }),
    kinds: kinds.optional(),
  })
  .openapi('Filter');

export type FilterJson = z.output<typeof filterSchema>;

const numeral = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'is no number')
  .transform(Number)
  .openapi({ type: 'number' });
const PLACE = 'is no place: write latitude,longitude,kilometres';

/** The same in an address. */
export const filterQuery = z.object({
  folder: folder.optional(),
  from: moment.optional(),
  before: moment.optional(),
  min_bytes: numeral.optional(),
  max_bytes: numeral.optional(),
  min_side: numeral.optional(),
  max_side: numeral.optional(),
  near: z
    .string()
    .regex(/^-?[\d.]+,-?[\d.]+,[\d.]+$/, PLACE)
    .transform((text) => {
      const [latitude, longitude, kilometres] = text.split(',').map(Number);
      return { latitude, longitude, kilometres };
    })
    .pipe(near)
    .optional()
    .openapi({ type: 'string', example: '48.86,2.35,5', description: 'Latitude, longitude, kilometres.' }),
  kinds: z
    .preprocess((value) => (typeof value === 'string' ? [value] : value), kinds)
    .optional()
    .openapi({ type: 'array', items: { type: 'string', enum: [...PICTURE_KINDS] } }),
});
