/**
 * The server: the page in the browser and the HTTP API (docs/server.md).
 *
 * ```ts
 * import { serve } from 'siglip2/server';
 * const { url, close } = await serve({ model: 'google/siglip2-base-patch16-224', port: 0 });
 * console.log(url);
 * await close();
 * ```
 * @module siglip2/server
 */

// Serve a model.

export type { AccessOptions } from './access/createAccess.ts';
export { type RunningServer, serve } from './serve.ts';
export { DEFAULT_PORT, type ServeOptions } from './serveOptions.ts';

// The routes by themselves, for a server of your own.

export type { Access } from './access/access.ts';
export { createApp } from './app.ts';
export type { ServedCollection, ServedCollections } from './collections/served.ts';
export type { FetchedImage, FetchImage } from './imageUrls/fetchImage.ts';
export type { Job, Jobs, JobWork } from './jobs/job.ts';
export { describeModel, type ModelInfo } from './modelInfo.ts';
export { registerRoute } from './routes/registry.ts';
export { type Route, routeApp } from './routes/route.ts';
export type { Service, Work } from './service.ts';
