import { createRoute } from '@hono/zod-openapi';
import { withImages } from '../decode/withImages.ts';
import { IMAGE_BODY_BYTES } from '../requests/limits.ts';
import { patchesFor } from '../requests/patches.ts';
import { receiveForm } from '../requests/receive.ts';
import { classifyRequest, classifyResponse } from '../schemas.ts';
import type { Work } from '../service.ts';
import { answers, formBody } from './answers.ts';
import { type Route, routeApp } from './route.ts';

const route = createRoute({
  method: 'post',
  path: '/api/classify',
  summary: 'Zero-shot classification: how well each label fits an image',
  request: formBody(classifyRequest),
  responses: answers('Every label with its probability, best first.', classifyResponse),
});

export const classifyRoute = {
  name: 'classify',
  app({ encoder, reception, images }: Work) {
    return routeApp().openapi(
      { ...route, middleware: receiveForm(reception, IMAGE_BODY_BYTES) },
      async (context) => {
        const { image, labels, prompts, maxPatches } = context.req.valid('form');
        const maxNumPatches = patchesFor(encoder, maxPatches);
        const { signal } = context.req.raw;
        const options = { templates: prompts, maxNumPatches };
        const uploaded = { files: [image], signal, maxNumPatches };
        const scores = await withImages(images, uploaded, async (pictures) => {
          const [first = []] = await encoder.classify(pictures, [...new Set(labels)], options);
          return first;
        });
        return context.json({ scores }, 200);
      },
    );
  },
} satisfies Route;
