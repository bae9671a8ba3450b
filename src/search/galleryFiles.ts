import { z } from 'zod';

/** The files of a gallery, all in one folder. */
export const GALLERY_FILES = {
  /** {@link galleryIndexSchema} */
  index: 'gallery.json',
  /** All pictures as tiles of one image, in the order of the items. */
  sheet: 'sheet.webp',
  /** {@link sheetIndexSchema}: where the tiles stand. */
  sheetIndex: 'sheet.json',
  /** `image_embeds` float16 [n, d], unit length, in the order of the items; `probe_embeds` float16 [1, d]. */
  embeddings: 'embeddings.safetensors',
} as const;

/**
 * A text whose embedding is stored with the gallery: when a model embeds it differently, the gallery was made by
 * other weights and its rankings would mean nothing.
 */
export const GALLERY_PROBE = 'a gallery belongs to one model';

export const galleryItemSchema = z.object({
  /** Unique within the gallery. */
  id: z.string().min(1),
  /** What stands for the picture where only text can: an emoji. */
  emoji: z.string(),
  name: z.string(),
  /** The item of which this is a variant (another skin tone): a search shows the best of them only. */
  variantOf: z.string().optional(),
});

export type GalleryItem = z.infer<typeof galleryItemSchema>;

export const galleryIndexSchema = z.object({
  version: z.literal(1),
  /** One sentence: what the pictures are and under which licence. */
  description: z.string(),
  items: z.array(galleryItemSchema).min(1).max(1_000_000),
});

export type GalleryIndex = z.infer<typeof galleryIndexSchema>;

export const sheetIndexSchema = z.object({
  /** Side of a tile in pixels. */
  tile: z.int().positive(),
  /** Tile i stands at column i mod columns, row ⌊i / columns⌋. */
  columns: z.int().positive(),
  emoji: z.array(z.string()),
});
