import { createRegistry } from '../../tensor/support/registry.ts';
import { openRoute } from './access/open.ts';
import { accessRoute } from './access/session.ts';
import { classifyRoute } from './classify.ts';
import { collectionsRoute } from './collections/collections.ts';
import { collectionImagesRoute } from './collections/images.ts';
import { regionsRoute } from './collections/regions.ts';
import { collectionSearchRoute } from './collections/search.ts';
import { embedRoute } from './embed.ts';
import { indexFolderRoute } from './jobs/indexFolder.ts';
import { jobsRoute } from './jobs/jobs.ts';
import { modelRoute } from './model.ts';
import { catalogueRoute } from './models/catalogue.ts';
import { picturesRoute } from './pictures.ts';
import { classifyItemsRoute } from './programs/classifyItems.ts';
import { embeddingsRoute } from './programs/embeddings.ts';
import { modelsRoute } from './programs/models.ts';
import { rerankRoute } from './programs/rerank.ts';
import type { Route } from './route.ts';
import { runsRoute } from './runs/runs.ts';
import { searchRoute } from './search.ts';

const OWN = [
  modelRoute,
  searchRoute,
  picturesRoute,
  classifyRoute,
  embedRoute,
  embeddingsRoute,
  modelsRoute,
  rerankRoute,
  classifyItemsRoute,
  accessRoute,
  openRoute,
  collectionsRoute,
  collectionImagesRoute,
  collectionSearchRoute,
  regionsRoute,
  jobsRoute,
  indexFolderRoute,
  catalogueRoute,
  runsRoute,
] as const;

/** What our own routes take and answer. */
export type OwnRoutes = ReturnType<(typeof OWN)[number]['app']>;

/** All parts of the HTTP API. */
export const routes = createRegistry<Route>('route', OWN);

/**
 * Adds a part to the HTTP API of the servers that are started from now on.
 * @returns the route
 * @throws RangeError when another one has its name
 * @example
 * const width = registerRoute({
 *   name: 'width',
 *   app({ encoder }) {
 *     const app = routeApp();
 *     app.get('/api/width', (context) => context.json({ width: encoder.width }));
 *     return app;
 *   },
 * });
 */
export function registerRoute(route: Route): Route {
  routes.register(route);
  return route;
}
