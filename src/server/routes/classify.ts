import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Encoder, LabelScore, Templates } from '../../encoder.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
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

const isBare = (templates: Templates): boolean =>
  Array.isArray(templates) && templates.length === 1 && templates[0] === '{}';

/** Bare labels are embedded as they were typed: an ensemble's canonical form drops punctuation and case. */
async function scoreLabels(
  encoder: Encoder,
  image: RgbImage,
  labels: readonly string[],
  templates: Templates,
): Promise<LabelScore[]> {
  if (!isBare(templates)) return (await encoder.classify([image], labels, { templates }))[0] ?? [];
  const { data } = await encoder.score([image], labels);
  return labels
    .map((label, i) => ({ label, probability: data[i]! }))
    .sort((a, b) => b.probability - a.probability);
}

export function addClassify(app: OpenAPIHono, { encoder, model }: Service): void {
  app.openapi(route, async (context) => {
    const { image, labels, prompts } = context.req.valid('form');
    const pixels = await decodeUpload(image);
    const scores = await scoreLabels(encoder, pixels, [...new Set(labels)], prompts ?? model.templates);
    return context.json({ scores }, 200);
  });
}
