import { z } from 'zod';
import type { Sample } from '../../data/samples/sample.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { evaluateRetrieval, type RetrievalResult } from './retrieval.ts';
import { evaluateZeroShot, type ZeroShotResult } from './zeroShot.ts';

/** How well a model knows a user's images: as classes where they are sorted into such, else by their captions. */
export type DescribedResult =
  | ({ readonly kind: 'classes' } & ZeroShotResult)
  | ({ readonly kind: 'captions' } & RetrievalResult);

const recallSchema = z.object({
  queries: z.number(),
  at1: z.number(),
  at5: z.number(),
  at10: z.number(),
});
const bothWays = { textToImage: recallSchema, imageToText: recallSchema };

/** A result that was saved as JSON. */
export const describedSchema: z.ZodType<DescribedResult> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('captions'),
    images: z.number(),
    texts: z.number(),
    imagesWithoutText: z.number().default(0),
    sharedTexts: z.number().default(0),
    ...bothWays,
    chance: z.object(bothWays),
  }),
  z.object({
    kind: z.literal('classes'),
    images: z.number(),
    classes: z.number(),
    asTyped: z.array(z.string()).default([]),
    top1: z.number(),
    top5: z.number(),
    chance: z.object({ top1: z.number(), top5: z.number() }),
    perClass: z.array(z.object({ name: z.string(), images: z.number(), top1: z.number() })),
  }),
]);

/**
 * Evaluates a model on samples.
 * @param classes the names among which each sample's one caption is; undefined: captions describe images one by one
 * @throws RangeError when there are no samples or a sample's caption is no class; Error naming an image that can't be read
 * @example
 * const samples = [];
 * for await (const sample of readSource(await imageFolder('photos'))) samples.push(sample);
 * console.log(await evaluateDescribed(await load(), samples));
 */
export async function evaluateDescribed(
  encoder: Encoder,
  samples: readonly Sample[],
  classes?: readonly string[],
): Promise<DescribedResult> {
  if (!classes) {
    const described = samples.map(({ image, captions }) => ({
      image,
      texts: captions.map(({ text }) => text),
    }));
    return { kind: 'captions', ...(await evaluateRetrieval(encoder, described)) };
  }
  const labels = samples.map(({ captions }) => classes.indexOf(captions[0]?.text ?? ''));
  const images = samples.map(({ image }) => image);
  // The names as they were trained on.
  const options = { templates: ['{}'], canonical: false } as const;
  return { kind: 'classes', ...(await evaluateZeroShot(encoder, images, labels, classes, options)) };
}
