import { z } from 'zod';
import type { Channels, FixedPreprocessing, ImagePreprocessing, Resample } from '../input/image/config.ts';
import type { VisionConfig } from '../model/config.ts';
import { CheckpointError, firstIssue, quote, wrongField } from './errors.ts';

/** Pillow's filters by their numbers. */
const FILTERS = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;
/** Patches per image beyond which attention alone takes more memory than machines have (16,384² scores a head). */
const MAX_PATCHES = 16_384;

/** Pixels are within ±3 of all released models, and within 255 where nothing is done to them. Far beyond, sums overflow. */
const MAX_VALUE = 1e6;

const positive = z.int().positive();
const flag = z.boolean().nullish();
const nonZero = z.number().refine((value) => value !== 0, 'must not be 0');
const level = z.number().min(0).max(255);
/** One number for all channels, or one a channel. */
const perChannel = (value: z.ZodType<number>) => z.union([z.tuple([value, value, value]), value]).nullish();

// Fields are read only where the steps that use them are on: what nobody reads is not judged.
const stepsSchema = z.object({
  do_resize: flag,
  do_rescale: flag,
  do_normalize: flag,
  do_center_crop: flag,
  do_pad: flag,
  background_color: z.tuple([level, level, level]).nullish(),
});
const resampleSchema = z.object({
  resample: z
    .int()
    .min(0)
    .max(FILTERS.length - 1)
    .nullish(),
});
const rescaleSchema = z.object({ rescale_factor: z.number().positive().nullish() });
const normaliseSchema = z.object({ image_mean: perChannel(z.number()), image_std: perChannel(nonZero) });
const sizeShape = z
  .union(
    [
      positive,
      z.tuple([positive, positive]),
      z.strictObject({ height: positive, width: positive }),
      z.strictObject({ shortest_edge: positive }),
    ],
    'must be a number, {height, width} or {shortest_edge}',
  )
  .nullish();
const sizeSchema = z.object({ size: sizeShape, default_to_square: flag });
const cropSchema = z.object({ crop_size: sizeShape });
const patchSchema = z.object({
  patch_size: positive.nullish(),
  max_num_patches: positive.max(MAX_PATCHES).nullish(),
});
const kindSchema = z.object({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  max_num_patches: z.unknown().optional(),
});

type Kind = ImagePreprocessing['kind'];
type Steps = z.output<typeof stepsSchema>;

const channels = (value: number | [number, number, number] | null | undefined, absent: number): Channels => {
  const all = value ?? absent;
  return typeof all === 'number' ? [all, all, all] : all;
};

/** What both processors do with values, whatever happens to the size. */
function parsePixels(json: unknown, steps: Steps, fallback: number, file: string) {
  const read = <T extends z.ZodType>(schema: T) => parseWith(schema, json, file);
  const resized = steps.do_resize !== false;
  const number = resized ? (read(resampleSchema).resample ?? fallback) : FILTERS.indexOf('bilinear');
  const { rescale_factor } = steps.do_rescale === false ? { rescale_factor: 1 } : read(rescaleSchema);
  const normalised = steps.do_normalize === false ? { image_mean: 0, image_std: 1 } : read(normaliseSchema);
  const rescale = rescale_factor ?? 1 / 255;
  const mean = channels(normalised.image_mean, 0.5);
  const std = channels(normalised.image_std, 0.5);
  for (const [c, centre] of mean.entries())
    for (const level of [0, 255]) {
      const value = (level * rescale - centre) / std[c]!;
      if (!(Math.abs(value) <= MAX_VALUE))
        throw wrongField(
          file,
          `rescale_factor, image_mean and image_std make ${value} of a pixel of ${level}`,
        );
    }
  return {
    resample: FILTERS[number]!,
    rescale,
    mean,
    std,
    ...(steps.background_color && { background: steps.background_color }),
  };
}

function parseWith<T extends z.ZodType>(schema: T, json: unknown, file: string): z.output<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw wrongField(file, firstIssue(parsed.error));
}

/** Which of the two processors a file describes. */
function kindOf(json: unknown, file: string, fallback: Kind | undefined): Kind {
  const fields = parseWith(kindSchema, json, file);
  // Files from before 2023 name the feature extractor that became the processor.
  const type = fields.image_processor_type ?? fields.feature_extractor_type;
  if (!type) return fallback ?? (fields.max_num_patches === undefined ? 'fixed' : 'naflex');
  const stem = type.replace(/(Pil|Fast)$/, '').replace(/FeatureExtractor$/, 'ImageProcessor');
  if (stem === 'Siglip2ImageProcessor') return 'naflex';
  if (stem === 'SiglipImageProcessor') return 'fixed';
  throw new CheckpointError(
    file,
    `image_processor_type is ${quote(type)}, expected SiglipImageProcessor or Siglip2ImageProcessor; use a SigLIP 2 checkpoint`,
  );
}

type SizeField = z.output<typeof sizeShape>;
type Size = { readonly height: number; readonly width: number };

/** Hugging Face's meaning of `size`: a number is the shorter side, unless `default_to_square` is on. */
function parseSize(size: SizeField, square: boolean): Size | { readonly shortestEdge: number } {
  const given = size ?? { height: 224, width: 224 };
  if (typeof given === 'number') return square ? { height: given, width: given } : { shortestEdge: given };
  if (Array.isArray(given)) return { height: given[0], width: given[1] };
  return 'shortest_edge' in given ? { shortestEdge: given.shortest_edge } : given;
}

/** How images come to the model's size, as FixedPreprocessing has it. */
function parseFitting(json: unknown, steps: Steps, side: number | undefined, file: string) {
  const { size, default_to_square: square } = parseWith(sizeSchema, json, file);
  const resized = steps.do_resize === false ? undefined : parseSize(size, square === true);
  if (steps.do_pad === true) throw wrongField(file, 'do_pad is true, expected false (images of one size)');
  if (steps.do_center_crop === true) {
    const { crop_size } = parseWith(cropSchema, json, file);
    // A number is a square here: the reference does not hand its own meaning of `size` on to the crop.
    const crop = crop_size === null || crop_size === undefined ? undefined : parseSize(crop_size, true);
    if (!crop || !('height' in crop)) {
      throw wrongField(file, 'crop_size is missing or no {height, width}, which do_center_crop needs');
    }
    return { ...crop, resize: resized ?? ('none' as const), crop: true };
  }
  if (resized && 'height' in resized) return resized;
  const edge = resized ? resized.shortestEdge : (side ?? 224);
  return { height: edge, width: edge, resize: resized ?? ('none' as const) };
}

/**
 * Reads a `preprocessor_config.json` of SiglipImageProcessor (fixed size) or Siglip2ImageProcessor (NaFlex) as
 * `transformers` 5 does, with the class defaults for what it leaves out. Fields of steps that are off are not read.
 * @param vision the model's vision tower, which says what the file leaves open.
 * @throws CheckpointError for another processor or a field that cannot be used.
 */
export function parsePreprocessor(
  json: unknown,
  file = 'preprocessor_config.json',
  vision?: VisionConfig,
): ImagePreprocessing {
  const kind = kindOf(json, file, vision?.kind);
  const steps = parseWith(stepsSchema, json, file);
  if (kind === 'naflex') {
    const fields = parseWith(patchSchema, json, file);
    return {
      kind,
      patchSize: fields.patch_size ?? 16,
      maxNumPatches: fields.max_num_patches ?? 256,
      ...(steps.do_resize === false && { resize: 'none' as const }),
      ...parsePixels(json, steps, FILTERS.indexOf('bilinear'), file),
    };
  }
  const side = vision?.kind === 'fixed' ? vision.imageSize : undefined;
  // The class default is bicubic; every released SigLIP 2 file says bilinear.
  const pixels = parsePixels(json, steps, FILTERS.indexOf('bicubic'), file);
  return { kind, ...parseFitting(json, steps, side, file), ...pixels };
}

/** How a processor's sizes are written: the inverse of {@link parseFitting}. */
function formatFitting({ height, width, resize, crop }: FixedPreprocessing): Record<string, unknown> {
  const size = { height, width };
  const resized = resize === undefined || resize === 'none' ? size : resize;
  return {
    do_resize: resize !== 'none',
    size: 'shortestEdge' in resized ? { shortest_edge: resized.shortestEdge } : resized,
    ...(crop && { do_center_crop: true, crop_size: size }),
  };
}

/** Pillow's number of a filter; the training code's own resize has none, and bilinear is the nearest that others can read. */
const filterNumber = (resample: Resample): number =>
  FILTERS.indexOf(resample === 'big_vision' ? 'bilinear' : resample);

/** The `preprocessor_config.json` of a processor: the inverse of {@link parsePreprocessor}. */
export function formatPreprocessor(config: ImagePreprocessing): Record<string, unknown> {
  const shared = {
    do_convert_rgb: true,
    do_normalize: true,
    do_rescale: true,
    do_resize: config.resize !== 'none',
    image_mean: config.mean,
    image_std: config.std,
    resample: filterNumber(config.resample),
    rescale_factor: config.rescale,
    ...(config.background && { background_color: config.background }),
  };
  if (config.kind === 'fixed') {
    return {
      ...shared,
      image_processor_type: 'SiglipImageProcessor',
      processor_class: 'SiglipProcessor',
      ...formatFitting(config),
    };
  }
  return {
    ...shared,
    image_processor_type: 'Siglip2ImageProcessor',
    processor_class: 'Siglip2Processor',
    patch_size: config.patchSize,
    max_num_patches: config.maxNumPatches,
  };
}
