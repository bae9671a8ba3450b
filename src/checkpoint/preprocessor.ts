import { z } from 'zod';
import type { Channels, ImagePreprocessing, Resample } from '../input/image/config.ts';
import { CheckpointError, firstIssue, quote, wrongField } from './errors.ts';

/** Pillow's filter numbers for the filters that our resize has. */
const FILTER_NUMBERS: Readonly<Record<'bilinear' | 'bicubic', number>> = { bilinear: 2, bicubic: 3 };

const positive = z.int().positive();
const flag = z.boolean().nullish();
const perChannel = z.tuple([z.number(), z.number(), z.number()]).nullish();
const positiveNumber = z.number().positive();
const level = z.number().min(0).max(255);

const pixelShape = {
  image_processor_type: z.string().nullish(),
  do_resize: flag,
  do_rescale: flag,
  do_normalize: flag,
  resample: z.int().nullish(),
  rescale_factor: z.number().positive().nullish(),
  image_mean: perChannel,
  image_std: z.tuple([positiveNumber, positiveNumber, positiveNumber]).nullish(),
  background_color: z.tuple([level, level, level]).nullish(),
};
const fixedSchema = z.object({
  ...pixelShape,
  size: z.union([z.object({ height: positive, width: positive }), positive]).nullish(),
});
const naflexSchema = z.object({
  ...pixelShape,
  patch_size: positive.nullish(),
  max_num_patches: positive.nullish(),
});
const kindSchema = z.object({
  image_processor_type: z.string().nullish(),
  max_num_patches: z.unknown().optional(),
});

function parsePixels(
  fields: z.output<typeof fixedSchema> | z.output<typeof naflexSchema>,
  fallback: number,
  file: string,
) {
  if (fields.do_resize === false) throw wrongField(file, 'do_resize is false, expected true');
  const normalise = fields.do_normalize !== false;
  const half: Channels = [0.5, 0.5, 0.5];
  const mean: Channels = normalise ? (fields.image_mean ?? half) : [0, 0, 0];
  const std: Channels = normalise ? (fields.image_std ?? half) : [1, 1, 1];
  const rescale = fields.do_rescale === false ? 1 : (fields.rescale_factor ?? 1 / 255);
  const background = fields.background_color;
  return {
    resample: filterOf(fields.resample ?? fallback, file),
    rescale,
    mean,
    std,
    ...(background && { background }),
  };
}

function filterOf(number: number, file: string): Resample {
  if (number === FILTER_NUMBERS.bilinear) return 'bilinear';
  if (number === FILTER_NUMBERS.bicubic) return 'bicubic';
  throw wrongField(file, `resample is ${number}, expected 2 (bilinear) or 3 (bicubic)`);
}

function parseWith<T extends z.ZodType>(schema: T, json: unknown, file: string): z.output<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw wrongField(file, firstIssue(parsed.error));
}

/** Which of the two processors a file describes. */
function kindOf(json: unknown, file: string): ImagePreprocessing['kind'] {
  const { image_processor_type: type, max_num_patches } = parseWith(kindSchema, json, file);
  if (!type) return max_num_patches === undefined ? 'fixed' : 'naflex';
  if (type.startsWith('Siglip2ImageProcessor')) return 'naflex';
  if (type.startsWith('SiglipImageProcessor')) return 'fixed';
  throw new CheckpointError(
    file,
    `image_processor_type is ${quote(type)}, expected SiglipImageProcessor or Siglip2ImageProcessor; use a SigLIP 2 checkpoint`,
  );
}

/**
 * Reads a `preprocessor_config.json` of SiglipImageProcessor (fixed size) or Siglip2ImageProcessor (NaFlex), with
 * the class defaults for what it leaves out.
 * @throws CheckpointError for another processor or a field that cannot be used.
 */
export function parsePreprocessor(json: unknown, file = 'preprocessor_config.json'): ImagePreprocessing {
  if (kindOf(json, file) === 'naflex') {
    const fields = parseWith(naflexSchema, json, file);
    return {
      kind: 'naflex',
      patchSize: fields.patch_size ?? 16,
      maxNumPatches: fields.max_num_patches ?? 256,
      ...parsePixels(fields, 2, file),
    };
  }
  const fields = parseWith(fixedSchema, json, file);
  const size = fields.size ?? 224;
  const { height, width } = typeof size === 'number' ? { height: size, width: size } : size;
  // The class default is bicubic; every released SigLIP 2 file says bilinear.
  return { kind: 'fixed', height, width, ...parsePixels(fields, 3, file) };
}

/** The `preprocessor_config.json` of a processor: the inverse of {@link parsePreprocessor}. */
export function formatPreprocessor(config: ImagePreprocessing): Record<string, unknown> {
  const shared = {
    do_convert_rgb: true,
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: config.mean,
    image_std: config.std,
    // The training code's own resize has no number; bilinear is the nearest that others can read.
    resample: FILTER_NUMBERS[config.resample === 'bicubic' ? 'bicubic' : 'bilinear'],
    rescale_factor: config.rescale,
    ...(config.background && { background_color: config.background }),
  };
  if (config.kind === 'fixed') {
    return {
      ...shared,
      image_processor_type: 'SiglipImageProcessor',
      processor_class: 'SiglipProcessor',
      size: { height: config.height, width: config.width },
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
