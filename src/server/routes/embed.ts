import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Embeddings } from '../../encoder.ts';
import type { Service } from '../app.ts';
import { limitBody } from '../errors.ts';
import { decodeUpload } from '../images.ts';
import { IMAGES_BODY_BYTES, JSON_BODY_BYTES } from '../limits.ts';
import { embedImagesRequest, embedResponse, embedTextsRequest } from '../schemas.ts';
import { answers, formBody, jsonBody } from './answers.ts';

const textsRoute = createRoute({
  method: 'post',
  path: '/api/embed',
  summary: 'Embeddings of texts',
  middleware: limitBody(JSON_BODY_BYTES),
  request: jsonBody(embedTextsRequest),
  responses: answers('One row per text, in order.', embedResponse),
});

const imagesRoute = createRoute({
  method: 'post',
  path: '/api/embed/images',
  summary: 'Embeddings of images',
  middleware: limitBody(IMAGES_BODY_BYTES),
  request: formBody(embedImagesRequest),
  responses: answers('One row per image, in order.', embedResponse),
});

function rowsOf({ shape, data }: Embeddings) {
  const [count = 0, width = 0] = shape;
  return {
    width,
    embeddings: Array.from({ length: count }, (_, i) =>
      Array.from(data.subarray(i * width, (i + 1) * width)),
    ),
  };
}

export function addEmbed(app: OpenAPIHono, { encoder }: Service): void {
  app.openapi(textsRoute, async (context) =>
    context.json(rowsOf(await encoder.embedTexts(context.req.valid('json').texts)), 200),
  );
  app.openapi(imagesRoute, async (context) => {
    const images = [];
    // One after another: decoded pixels are large.
    for (const file of context.req.valid('form').images)
      images.push(await decodeUpload(file, encoder.decode.background));
    return context.json(rowsOf(await encoder.embedImages(images)), 200);
  });
}
