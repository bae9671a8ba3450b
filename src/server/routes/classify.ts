import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Work } from '../app.ts';
import { decodeUpload } from '../images.ts';
import { IMAGE_BODY_BYTES } from '../limits.ts';
import { receiveForm } from '../receive.ts';
import { classifyRequest, classifyResponse } from '../schemas.ts';
import { answers, formBody } from './answers.ts';

const route = createRoute({
  method: 'post',
  path: '/api/classify',
  summary: 'Zero-shot classification: how well each label fits an image',
  request: formBody(classifyRequest),
  responses: answers('Every label with its probability, best first.', classifyResponse),
});

export function addClassify(app: OpenAPIHono, { encoder, reception }: Work): void {
  app.openapi({ ...route, middleware: receiveForm(reception, IMAGE_BODY_BYTES) }, async (context) => {
    const { image, labels, prompts } = context.req.valid('form');
    const pixels = await decodeUpload(image, encoder.decode.background);
    const [scores = []] = await encoder.classify([pixels], [...new Set(labels)], { templates: prompts });
    return context.json({ scores }, 200);
  });
}
