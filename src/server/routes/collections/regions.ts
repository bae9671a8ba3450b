import { createRoute, z } from '@hono/zod-openapi';
import type { Item } from '../../items/item.ts';
import { EXAMPLE_IMAGE } from '../../items/itemSchema.ts';
import { imagesOf } from '../../items/kinds.ts';
import { heatmapOf } from '../../regions/heatmapOf.ts';
import { heatmapPng } from '../../regions/heatmapPng.ts';
import { type AskedImage, createLookAt } from '../../regions/look.ts';
import { patchesOf } from '../../regions/patchesOf.ts';
import { patchesFor } from '../../requests/patches.ts';
import { receiveItems } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { collectionAnswers } from './answers.ts';
import { heatmapRequest, heatmapResponse, patchesRequest, patchesResponse } from './regionSchemas.ts';

const heatmapAnswers = collectionAnswers('Where the picture shows each text.', heatmapResponse);

const heatmapRoute = createRoute({
  method: 'post',
  path: '/v1/heatmap',
  summary: 'Where a picture shows what texts say',
  request: jsonBody(heatmapRequest, { image: { image: EXAMPLE_IMAGE }, texts: ['a red square'] }),
  responses: {
    ...heatmapAnswers,
    200: {
      description: heatmapAnswers[200].description,
      content: { ...heatmapAnswers[200].content, 'image/png': { schema: z.string() } },
    },
  },
});

const patchesRoute = createRoute({
  method: 'post',
  path: '/v1/patches',
  summary: 'How much each patch of a picture is like one of them',
  request: jsonBody(patchesRequest, { image: { image: EXAMPLE_IMAGE }, x: 0.5, y: 0.5 }),
  responses: collectionAnswers('Cosines of the patches.', patchesResponse),
});

/** @throws HTTPException 400 where it is a text, or the model takes no number of patches */
function askedImage(
  encoder: Work['encoder'],
  item: Item,
  maxPatches: number | undefined,
  signal: AbortSignal,
): AskedImage {
  const [image] = imagesOf([item], 'image');
  return { image: image!, maxNumPatches: patchesFor(encoder, maxPatches, 'max_patches'), signal };
}

export const regionsRoute = {
  name: 'regions',
  app(work: Work) {
    const { encoder } = work;
    const lookAt = createLookAt(work);
    const middleware = receiveItems(work.reception);
    return routeApp()
      .openapi({ ...heatmapRoute, middleware }, async (context) => {
        const { image, texts, max_patches, format } = context.req.valid('json');
        const asked = askedImage(encoder, image, max_patches, context.req.raw.signal);
        const look = await lookAt(asked);
        if (format === 'grid') return context.json({ results: await heatmapOf(encoder, look, texts) }, 200);
        const png = await heatmapPng(work, asked, look, texts[0]!);
        return context.body(png, 200, { 'content-type': 'image/png' });
      })
      .openapi({ ...patchesRoute, middleware }, async (context) => {
        const { image, max_patches, ...patch } = context.req.valid('json');
        const asked = askedImage(encoder, image, max_patches, context.req.raw.signal);
        return context.json(patchesOf(await lookAt(asked), patch), 200);
      });
  },
} satisfies Route;
