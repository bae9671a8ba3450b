import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Service } from '../app.ts';
import { limitBody } from '../errors.ts';
import { decodeUpload } from '../images.ts';
import { IMAGE_BODY_BYTES } from '../limits.ts';
import { classifyRequest, classifyResponse } from '../schemas.ts';
import { answers, formBody } from './answers.ts';

const route = createRoute({
  method: 'post',
  path: '/api/classify',
  summary: 'Zero-shot classification: how well each label fits an image',
  middleware: limitBody(IMAGE_BODY_BYTES),
  request: formBody(classifyRequest),
  responses: answers('Every label with its probability, best first.', classifyResponse),
});

export function addClassify(app: OpenAPIHono, { encoder }: Service): void {
  app.openapi(route, async (context) => {
    const { image, labels, prompts } = context.req.valid('form');
    const pixels = await decodeUpload(image, encoder.decode.background);
    const [scores = []] = await encoder.classify([pixels], [...new Set(labels)], { templates: prompts });
    return context.json({ scores }, 200);
  });
}
