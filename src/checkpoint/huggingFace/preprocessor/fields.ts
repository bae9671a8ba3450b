import { z } from 'zod';
import { FILTERS } from './classes.ts';

/** Patches per image beyond which attention alone takes more memory than machines have (16,384² scores a head). */
const MAX_PATCHES = 16_384;

const positive = z.int().positive();
/** Null switches a step off, as in the reference, where only what is absent has the class default. */
const flag = z
  .boolean()
  .nullable()
  .transform((value) => value === true)
  .optional();
const nonZero = z.number().refine((value) => value !== 0, 'must not be 0');
const level = z.number().min(0).max(255);
/** One number for all channels, or one a channel. */
const perChannel = (value: z.ZodType<number>) => z.union([z.tuple([value, value, value]), value]).nullish();

// Fields are read only where the steps that use them are on: what nobody reads is not judged.
export const stepsSchema = z.object({
  do_resize: flag,
  do_rescale: flag,
  do_normalize: flag,
  do_center_crop: flag,
  do_pad: flag,
  background_color: z.tuple([level, level, level]).nullish(),
});
export type Steps = z.output<typeof stepsSchema>;

export const resampleSchema = z.object({
  resample: z
    .int()
    .min(0)
    .max(FILTERS.length - 1)
    .nullish(),
});
export const rescaleSchema = z.object({ rescale_factor: z.number().nullish() });
export const normaliseSchema = z.object({
  image_mean: perChannel(z.number()),
  image_std: perChannel(nonZero),
});

const sizeForms =
  'must be a number, {height, width}, {shortest_edge}, {shortest_edge, longest_edge} or {max_height, max_width}';
const size = z
  .union(
    [
      positive,
      z.tuple([positive, positive]),
      z.strictObject({ height: positive, width: positive }),
      z.strictObject({ shortest_edge: positive, longest_edge: positive.optional() }),
      z.strictObject({ max_height: positive, max_width: positive }),
    ],
    sizeForms,
  )
  .nullish();
export type SizeField = z.output<typeof size>;
export const sizeSchema = z.object({ size, default_to_square: flag });
export const cropSchema = z.object({ crop_size: size });
export const padSchema = z.object({ pad_size: size });

export const patchSchema = z.object({
  patch_size: positive.nullish(),
  max_num_patches: positive.max(MAX_PATCHES).nullish(),
});
export const kindSchema = z.object({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  max_num_patches: z.unknown().optional(),
});
