import { z } from '@hono/zod-openapi';

/** An item: a text, an image, or a picture of a collection. */
export const itemSchema = z.union([
  z.string(),
  z.object({ text: z.string() }),
  z.object({ image: z.string() }),
  z.object({ collection: z.string(), id: z.int() }),
]);
