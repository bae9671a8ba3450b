import { createRoute } from '@hono/zod-openapi';
import type { Embeddings } from '../../encoder/embeddings.ts';
import { withImages } from '../decode/withImages.ts';
import { IMAGES_BODY_BYTES, JSON_BODY_BYTES } from '../requests/limits.ts';
import { patchesFor } from '../requests/patches.ts';
import { receiveForm, receiveJson } from '../requests/receive.ts';
import { embedImagesRequest, embedResponse, embedTextsRequest } from '../schemas.ts';
import type { Work } from '../service.ts';
import { answers, formBody, jsonBody } from './answers.ts';
import { type Route, routeApp } from './route.ts';

const textsRoute = createRoute({
  method: 'post',
  path: '/api/embed',
  summary: 'Embeddings of texts',
  request: jsonBody(embedTextsRequest),
  responses: answers('One row per text, in order.', embedResponse),
});

const imagesRoute = createRoute({
  method: 'post',
  path: '/api/embed/images',
  summary: 'Embeddings of images',
  request: formBody(embedImagesRequest),
  responses: answers('One row per image, in order.', embedResponse),
});

function jsonRows({ shape, data }: Embeddings) {
  const [count = 0, width = 0] = shape;
  return {
    width,
    embeddings: Array.from({ length: count }, (_, i) =>
      Array.from(data.subarray(i * width, (i + 1) * width)),
    ),
  };
}

export const embedRoute = {
  name: 'embed',
  app({ encoder, reception, images }: Work) {
    return routeApp()
      .openapi({ ...textsRoute, middleware: receiveJson(reception, JSON_BODY_BYTES) }, async (context) =>
        context.json(jsonRows(await encoder.embedTexts(context.req.valid('json').texts)), 200),
      )
      .openapi({ ...imagesRoute, middleware: receiveForm(reception, IMAGES_BODY_BYTES) }, async (context) => {
        const { signal } = context.req.raw;
        const { images: files, maxPatches } = context.req.valid('form');
        const maxNumPatches = patchesFor(encoder, maxPatches);
        const rows = await withImages(images, { files, signal, maxNumPatches }, (pictures) =>
          encoder.embedImages(pictures, { maxNumPatches }),
        );
        return context.json(jsonRows(rows), 200);
      });
  },
} satisfies Route;
