import { isIPv6 } from 'node:net';
import { EMBEDDED_MODEL } from '../encoder/embeddedModel.ts';
import { defaultLocation } from '../search/stores/defaultLocation.ts';
import { withPassword } from '../search/stores/passwordFile.ts';
import { returnMemory } from '../tensor/allocator.ts';
import { check } from '../tensor/settings.ts';
import { createAuthentication } from './access/authentication.ts';
import { createAccess } from './access/createAccess.ts';
import { browserAddress, createOwner, ownerAddress } from './access/owner.ts';
import { createApp } from './app.ts';
import { closeGently, closeOnSignals, once } from './closing.ts';
import { createCollections } from './collections/createCollections.ts';
import { createDoor } from './door.ts';
import { createEventStreams } from './events/eventStreams.ts';
import { createFetchImage } from './imageUrls/fetchImage.ts';
import { createJobs } from './jobs/createJobs.ts';
import { createIndexing } from './jobs/indexing.ts';
import { closeServer, listen } from './listen.ts';
import { createMetrics } from './metrics/metrics.ts';
import type { LoadedModel } from './models/loadedModel.ts';
import { createModelSwitch, type ModelSwitch } from './models/modelSwitch.ts';
import { createModels } from './models/models.ts';
import { openBrowser } from './page/openBrowser.ts';
import { pageFolder } from './page/page.ts';
import { allowedHost } from './requests/guard.ts';
import { createReception } from './requests/receive.ts';
import { createRuns } from './runs/runs.ts';
import { DEFAULT_PORT, loadingOf, type ServeOptions, serveSchema } from './serveOptions.ts';
import type { Service } from './service.ts';

export interface RunningServer {
  /** Where the page is. */
  readonly url: string;
  /**
   * The same with the token of this start, which lets the page index folders and change the model. Just `url` where the
   * server listens on more than this machine.
   */
  readonly ownerUrl: string;
  /** Refuses new requests, finishes what was accepted, frees the port and the model. */
  close(): Promise<void>;
}

function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}/`;
}

/**
 * All that a server has whatever model it serves.
 * @throws Error saying what is wrong with an option
 */
function createFixtures(options: ServeOptions) {
  const { host = '127.0.0.1', log = console.error } = options;
  const named = options.collections ?? (process.env['SIGLIP2_DATABASE'] || defaultLocation());
  const location = withPassword(named);
  return {
    ...{ log, location },
    rules: createAccess(options),
    home: createCollections({ location, log }),
    // What several models share: their requests are those of one server.
    service: {
      ...{ log, page: pageFolder() },
      allowedHosts: [host.toLowerCase(), ...(options.allowedHosts ?? []).map(allowedHost)],
      events: createEventStreams(),
      jobs: createJobs(),
      metrics: createMetrics(),
      reception: createReception(),
      ...(options.imageUrls && { fetchImage: createFetchImage() }),
      runReader: createRuns(options.runs),
    },
  };
}

/** Who may ask what, where a server listens on an address. */
function createGate({ rules }: ReturnType<typeof createFixtures>, address: string) {
  const access = { ...rules, ...createOwner(address) };
  return { access, authentication: createAuthentication(access) };
}

/** Loads the model and lets requests in, with all that the one who started the server may do. */
async function startServing(
  options: ServeOptions,
  { service, home, location, log }: ReturnType<typeof createFixtures>,
  gate: ReturnType<typeof createGate>,
  open: Parameters<typeof createModelSwitch>[1]['open'],
): Promise<ModelSwitch> {
  const first = options.model ?? EMBEDDED_MODEL;
  const { jobs, metrics } = service;
  const loading = loadingOf(options);
  let models: ModelSwitch | undefined;
  // Nobody asks before the first model is loaded.
  const switched = () => models!;
  const owners = {
    models: createModels({ jobs, models: switched, first, cacheDir: loading.cacheDir }),
    indexing: createIndexing({
      ...{ jobs, location },
      model: () => switched().current(),
      forget: home.forget,
    }),
  };
  const appOf = (model: LoadedModel) => {
    const { encoder, info, bundle, images } = model;
    const own: Service = { ...service, ...gate, ...owners, encoder, model: info, images };
    const collections = home.serving({ encoder, name: info.name, bundle });
    return createApp({ ...own, collections, bundle }).fetch;
  };
  models = await createModelSwitch(first, { loading, appOf, open, log, onBatch: metrics.onBatch });
  return models;
}

/**
 * Serves the page and the HTTP API for one model, once the model is loaded; requests that come earlier are told to come
 * again (503).
 * @throws RangeError naming the option that is none; Error saying what to do when the model, the collection or the port
 *   cannot be had, or an allowed host is no name
 * @example
 * const { url, close } = await serve({ port: 0, signals: false });
 * console.log(url);
 * await close();
 */
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  check('serve', serveSchema, options);
  const { host = '127.0.0.1', log = console.error } = options;
  const fixtures = createFixtures(options);
  returnMemory();
  const door = createDoor(fixtures.service.metrics.refused);
  // First, because it is over at once: nobody should wait for a download to learn that the port is in use.
  const { server, address } = await listen(door.handler, {
    host,
    port: options.port ?? DEFAULT_PORT,
    orNext: options.port === undefined,
  });
  const gate = createGate(fixtures, address.address);
  const { service, home } = fixtures;
  const models = await startServing(options, fixtures, gate, door.open).catch(async (error: unknown) => {
    await closeServer(server, 0);
    await home.close();
    throw error;
  });
  const url = urlOf(host, address.port);
  const ownerUrl = ownerAddress(url, gate.access.ownerToken);
  const close = once(async () => {
    stopListening?.();
    const stopped = service.jobs.close();
    const closed = closeGently(door, server, log);
    service.events.close();
    await Promise.all([stopped, closed]);
    await models.close();
    await home.close();
  });
  // Before anybody is told of the server: what is told can be answered with a signal.
  const stopListening = options.signals === false ? undefined : closeOnSignals(close, log);
  if (options.port === undefined && address.port !== DEFAULT_PORT) {
    log(`port ${DEFAULT_PORT} is in use; took ${address.port}`);
  }
  log(`${models.current().info.name}: ${ownerUrl}`);
  if (options.open) openBrowser(browserAddress(url, gate.access));
  return { url, ownerUrl, close };
}
