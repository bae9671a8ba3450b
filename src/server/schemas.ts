import { z } from '@hono/zod-openapi';
import { PROMPT_TEMPLATES, type PromptTemplatesName } from '../input/text/prompts.ts';
import { LIMITS } from './requests/limits.ts';

const utf8 = new TextEncoder();
/** Whether a text is within the limit of one. */
export const fitsText = (text: string): boolean => utf8.encode(text).length <= LIMITS.textBytes;

const text = z
  .string()
  .trim()
  .min(1, 'is empty')
  .refine(fitsText, `has more than the limit of ${LIMITS.textBytes} bytes`);

const texts = z
  .array(text)
  .min(1, 'needs at least one text')
  .max(LIMITS.texts, `has more than the limit of ${LIMITS.texts} texts`);

/** A form field that may be repeated comes as one value or as several. */
const several = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), schema);

const imageFile = z
  .instanceof(File, { error: 'is missing; send an image file' })
  .refine(({ size }) => size > 0, 'is an empty file')
  .refine(({ size }) => size <= LIMITS.imageBytes, `has more than the limit of ${LIMITS.imageBytes} bytes`)
  .openapi({ type: 'string', format: 'binary' });

/** A number in a form is text. */
const maxPatches = z
  .string()
  .refine(
    (value) => /^[1-9]\d{0,3}$/.test(value) && Number(value) <= LIMITS.patches,
    `is not a whole number from 1 to ${LIMITS.patches}`,
  )
  .transform(Number)
  .optional()
  .openapi({
    type: 'integer',
    minimum: 1,
    maximum: LIMITS.patches,
    description:
      'NaFlex models: most patches of an image; more see more and take longer. Default: what /api/model says. Other models refuse it.',
  });

const promptNames = Object.keys(PROMPT_TEMPLATES) as [PromptTemplatesName, ...PromptTemplatesName[]];

const probability = z.number().min(0).max(1);

export const errorSchema = z.object({ error: z.string() }).openapi('Error');

export const searchRequest = z
  .object({
    text: text.openapi({ description: 'In any language.', example: '고양이' }),
    limit: z.int().min(1).max(LIMITS.hits).default(24),
    variants: z
      .boolean()
      .default(false)
      .openapi({ description: 'Give every skin tone. Otherwise the best one only.' }),
  })
  .openapi('SearchRequest');

export const searchResponse = z
  .object({
    text: z.string(),
    hits: z.array(
      z.object({
        index: z
          .int()
          .openapi({ description: 'Position in the collection; its picture is at /gallery/{index}.webp.' }),
        id: z.string(),
        emoji: z.string(),
        name: z.string(),
        variantOf: z.string().optional(),
        probability,
      }),
    ),
  })
  .openapi('SearchResponse');

export const classifyRequest = z
  .object({
    image: imageFile,
    labels: several(texts).openapi({
      type: 'array',
      items: { type: 'string' },
      example: ['a cat', 'un chien'],
    }),
    maxPatches,
    prompts: z
      .enum(promptNames)
      .optional()
      .openapi({ description: 'Texts made of each label. Default: what the model was trained for.' }),
  })
  .openapi('ClassifyRequest');

export const classifyResponse = z
  .object({
    scores: z.array(z.object({ label: z.string(), probability })).openapi({
      description: 'Best first. Labels are judged independently: probabilities need not sum to 1.',
    }),
  })
  .openapi('ClassifyResponse');

export const embedTextsRequest = z.object({ texts }).openapi('EmbedTextsRequest');

export const embedImagesRequest = z
  .object({
    images: several(
      z
        .array(imageFile)
        .min(1, 'needs at least one image file')
        .max(LIMITS.images, `has more than the limit of ${LIMITS.images} images`),
    ).openapi({ type: 'array', items: { type: 'string', format: 'binary' } }),
    maxPatches,
  })
  .openapi('EmbedImagesRequest');

export const embedResponse = z
  .object({
    width: z.int(),
    embeddings: z.array(z.array(z.number())).openapi({ description: 'One unit-length row per item.' }),
  })
  .openapi('EmbedResponse');

export const modelResponse = z
  .object({
    name: z.string(),
    parameters: z.int(),
    width: z.int().openapi({ description: 'Width of the embeddings.' }),
    kind: z.enum(['fixed', 'naflex']),
    maxPatches: z.int().nullable().openapi({
      description: 'Most patches of an image unless a request says otherwise; null where there is one size.',
    }),
    licence: z.string().nullable(),
    trainedOn: z.string(),
    limits: z.array(z.string()),
    gallery: z
      .object({
        description: z.string(),
        count: z.int(),
        size: z.int().openapi({ description: 'Side of every picture in pixels.' }),
      })
      .nullable()
      .openapi({ description: 'The pictures that can be searched; null when the model has none.' }),
  })
  .openapi('Model');
