import { z } from 'zod';

/** The files of a bundle, all in one folder. */
export const BUNDLE_FILES = {
  /** {@link bundleIndexSchema} */
  index: 'gallery.json',
  /**
   * `bytes` uint8: the WebP files of all pictures, one after the other in the order of the items; `ends` int32 [n]:
   * where each ends. One by one, because a browser that shows a few tiles of a large sheet decodes all of it.
   */
  pictures: 'pictures.safetensors',
  /** `image_embeds` float16 [n, d], unit length, in the order of the items; `probe_embeds` float16 [1, d]. */
  embeddings: 'embeddings.safetensors',
} as const;

/**
 * A text whose embedding is stored with the bundle: when a model embeds it differently, the bundle was made by
 * other weights and its rankings would mean nothing.
 */
export const BUNDLE_PROBE = 'a gallery belongs to one model';

/** A picture of a bundle, besides its pixels. */
export interface BundleItem {
  /** Unique within the bundle. */
  readonly id: string;
  /** What stands for the picture where only text can: an emoji. */
  readonly emoji: string;
  readonly name: string;
  /** The item of which this is a variant (another skin tone): a search shows the best of them only. */
  readonly variantOf?: string;
}

const bundleItemSchema = z.object({
  id: z.string().min(1),
  emoji: z.string(),
  name: z.string(),
  variantOf: z.string().optional(),
}) satisfies z.ZodType<BundleItem>;

export const bundleIndexSchema = z.object({
  version: z.literal(1),
  /** One sentence: what the pictures are and under which licence. */
  description: z.string(),
  /** Side of every picture in pixels. */
  size: z.int().positive(),
  items: z.array(bundleItemSchema).min(1).max(1_000_000),
});

export type BundleIndex = z.infer<typeof bundleIndexSchema>;
