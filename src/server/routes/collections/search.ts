import { createRoute, type z } from '@hono/zod-openapi';
import type { SearchHit } from '../../../search/query/hit.ts';
import { collectionOf } from '../../collections/collectionOf.ts';
import { countOf } from '../../collections/describeCollections.ts';
import { type AskedParts, searchCollection } from '../../collections/searchCollection.ts';
import type { ServedCollection } from '../../collections/served.ts';
import { type ShownPaths, seesWholePaths, shownPaths } from '../../collections/shownPaths.ts';
import { imagesOf } from '../../items/kinds.ts';
import { patchesFor } from '../../requests/patches.ts';
import { receiveItems } from '../../requests/receive.ts';
import type { Work } from '../../service.ts';
import { jsonBody } from '../answers.ts';
import { type Route, routeApp } from '../route.ts';
import { collectionAnswers } from './answers.ts';
import { filterOf } from './filterOf.ts';
import { pictureJson } from './pictureJson.ts';
import { searchRequest, searchResponse } from './searchSchemas.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/search',
  summary: 'Pictures of a collection that fit texts and images, best first',
  request: jsonBody(searchRequest, { collection: 'emoji', texts: ['고양이'], limit: 3 }),
  responses: collectionAnswers('The best pictures.', searchResponse),
});

type SearchJson = z.output<typeof searchRequest>;

const partsOf = (
  { texts, images = [], like }: NonNullable<SearchJson['not']>,
  field: string,
): AskedParts => ({
  texts,
  like,
  images: imagesOf(images, field),
});

const hitJson = (served: ServedCollection, hit: SearchHit, paths: ShownPaths) => ({
  ...pictureJson(served, hit.picture, paths),
  score: hit.score,
  probability: hit.probability,
  fits: hit.fits,
  more: hit.more.map(({ picture, probability }) => ({
    id: picture.id,
    title: served.titleOf(picture),
    probability,
  })),
});

export const collectionSearchRoute = {
  name: 'collection search',
  app(work: Work) {
    return routeApp().openapi({ ...route, middleware: receiveItems(work.reception) }, async (context) => {
      const began = performance.now();
      const { collection: name, limit, all, grouped, max_patches, ...asked } = context.req.valid('json');
      const served = await collectionOf(work, name);
      const { collection } = served;
      const paths = await shownPaths(collection, seesWholePaths(context, work.access));
      const filter = filterOf(asked.filter ?? {}, paths);
      const { hits, fits, cutTexts } = await searchCollection(work, served, {
        ...partsOf(asked, 'images'),
        not: partsOf(asked.not ?? {}, 'not.images'),
        ...{ filter, limit, all, grouped },
        maxNumPatches: patchesFor(work.encoder, max_patches, 'max_patches'),
        signal: context.req.raw.signal,
      });
      return context.json(
        {
          collection: served.name,
          fits,
          cut_texts: [...cutTexts],
          milliseconds: Math.round((performance.now() - began) * 10) / 10,
          total: await (filter ? collection.count(filter) : countOf(collection)),
          hits: hits.map((hit) => hitJson(served, hit, paths)),
        },
        200,
      );
    });
  },
} satisfies Route;
