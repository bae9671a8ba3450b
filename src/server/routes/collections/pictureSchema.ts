import { z } from '@hono/zod-openapi';
import { PICTURE_KINDS } from '../../../search/collection/picture.ts';

export const pictureSchema = z
  .object({
    id: z.int(),
    title: z
      .string()
      .openapi({ description: 'The name of its file, with its time or page; of an emoji its name.' }),
    kind: z.enum(PICTURE_KINDS).openapi({ description: 'All of a file, a frame of a video, or a page.' }),
    at: z
      .number()
      .openapi({ description: 'Seconds of a frame, the number of a page from 1; 0 of an image.' }),
    width: z.int(),
    height: z.int(),
    bytes: z.int().openapi({ description: 'Of its file.' }),
    modified: z.number().openapi({ description: 'Milliseconds since 1970.' }),
    taken: z.number().nullable().openapi({ description: 'Milliseconds since 1970, where its file says it.' }),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    path: z.string().nullable().openapi({
      description:
        'Of its file. For the one who started the server, and where it needs no keys and listens on this machine alone, it is whole; else it begins with the name of the indexed folder.',
    }),
  })
  .openapi('Picture');

export type PictureJson = z.infer<typeof pictureSchema>;
