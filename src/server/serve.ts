import type { Server } from 'node:http';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { resolving } from '../checkpoint/hub/options.ts';
import { resolveModel } from '../checkpoint/hub/resolveModel.ts';
import { EMBEDDED_MODEL } from '../encoder/embeddedModel.ts';
import { load } from '../encoder/load.ts';
import { type LoadOptions, loadRules } from '../encoder/loadOptions.ts';
import { openBundle } from '../search/bundle/openBundle.ts';
import { defaultLocation } from '../search/stores/defaultLocation.ts';
import { returnMemory } from '../tensor/allocator.ts';
import { callback, check, flag, listOf, optional, rule, settings, text } from '../tensor/settings.ts';
import { isLoopback } from './access/connection.ts';
import { type AccessOptions, accessRules, createAccess } from './access/createAccess.ts';
import { createOwnerToken, ownerAddress } from './access/owner.ts';
import { createApp } from './app.ts';
import { batchedEncoder } from './batching/batchedEncoder.ts';
import { createCollections } from './collections/createCollections.ts';
import { createImageReader } from './decode/imageReader.ts';
import { createDoor, type Door } from './door.ts';
import { createFetchImage } from './imageUrls/fetchImage.ts';
import { closeServer, listen } from './listen.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { describeModel } from './modelInfo.ts';
import { openBrowser } from './page/openBrowser.ts';
import { pageFolder } from './page/page.ts';
import { allowedHost } from './requests/guard.ts';
import { FINISH_MS } from './requests/limits.ts';

export const DEFAULT_PORT = 7272;

export interface ServeOptions extends LoadOptions, AccessOptions {
  /** A name on the Hugging Face hub or a directory. Default: the embedded model. */
  readonly model?: string;
  /** 0 takes any free one. Default 7272, or the next free one after it. */
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /**
   * Host names under which the server may be asked besides `localhost`, addresses and `host`: of a proxy before it, or
   * of this machine in its network. A port is ignored.
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Let requests name images by `http` and `https` addresses, which the server then fetches; addresses of this machine and
   * of inner networks are refused. Default false.
   */
  readonly imageUrls?: boolean;
  /**
   * Where collections to search are kept: a folder, or an address such as `postgres://…`. It need not be there yet. Default:
   * SIGLIP2_DATABASE, else the user's folder of collections.
   */
  readonly collections?: string;
  /** Open the page in the browser. Default false. */
  readonly open?: boolean;
  /** Close on SIGINT and SIGTERM, then exit. Default true. */
  readonly signals?: boolean;
  /** Receives what a user should read. Default: standard error. */
  readonly log?: (line: string) => void;
}

const serveSchema = settings<ServeOptions>({
  ...loadRules,
  ...accessRules,
  model: optional(text),
  port: optional(
    rule<number>(
      'a whole number from 0 to 65535',
      (port) => Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65_535,
    ),
  ),
  host: optional(text),
  allowedHosts: optional(listOf(text)),
  imageUrls: optional(flag),
  collections: optional(text),
  open: optional(flag),
  signals: optional(flag),
  log: optional(callback()),
});

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

/** Loads the model, its collection and the text tower: the first search then waits for nothing. */
async function prepare(options: ServeOptions, metrics: Metrics) {
  const name = options.model ?? EMBEDDED_MODEL;
  const { model: _model, port, host, open, signals, log, ...others } = options;
  const { allowedHosts, apiKeys, corsOrigins, trustedProxies, imageUrls, collections, ...loading } = others;
  const page = pageFolder();
  const folder = await resolveModel(name, resolving(loading));
  const encoder = batchedEncoder(await load(folder, loading), { onBatch: metrics.onBatch });
  try {
    const collection = await openBundle(join(folder, 'gallery'), encoder);
    return { encoder, collection, model: describeModel(name, encoder), page };
  } catch (error) {
    await encoder.dispose();
    throw error;
  }
}

function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}/`;
}

/** Closes on the first signal; a second one ends the process at once, as it would have without us. */
function closeOnSignals(close: () => Promise<void>, log: (line: string) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const stop = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  function onSignal(): void {
    stop();
    log('closing');
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log(String(error));
        process.exit(1);
      },
    );
  }
  for (const signal of signals) process.on(signal, onSignal);
  return stop;
}

const once = (action: () => Promise<void>): (() => Promise<void>) => {
  let result: Promise<void> | undefined;
  return () => {
    result ??= action();
    return result;
  };
};

/** Lets what was accepted be answered, says what could not be, and frees the port. */
async function closeGently(door: Door, server: Server, log: (line: string) => void): Promise<void> {
  const left = await door.close(FINISH_MS);
  if (left > 0) log(`${left} requests were not answered within ${FINISH_MS / 1000} s and are cut off`);
  await closeServer(server, left > 0 ? 0 : undefined);
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
  const allowedHosts = [host.toLowerCase(), ...(options.allowedHosts ?? []).map(allowedHost)];
  const rules = createAccess(options);
  const location = options.collections ?? (process.env['SIGLIP2_DATABASE'] || defaultLocation());
  const home = createCollections({ location, log });
  returnMemory();
  const door = createDoor();
  // First, because it is over at once: nobody should wait for a download to learn that the port is in use.
  const { server, address } = await listen(door.handler, {
    host,
    port: options.port ?? DEFAULT_PORT,
    orNext: options.port === undefined,
  });
  const metrics = createMetrics();
  const service = await prepare(options, metrics).catch(async (error: unknown) => {
    await closeServer(server, 0);
    throw error;
  });
  const images = createImageReader(service.encoder);
  images.start();
  const access = { ...rules, ownerToken: isLoopback(address.address) ? createOwnerToken() : undefined };
  const fetching = options.imageUrls ? { fetchImage: createFetchImage() } : {};
  const { encoder, model, collection: bundle } = service;
  const collections = home.serving({ encoder, name: model.name, bundle });
  await door.open(
    createApp({ ...service, ...fetching, metrics, collections, access, images, allowedHosts, log }).fetch,
  );
  const url = urlOf(host, address.port);
  const ownerUrl = ownerAddress(url, access.ownerToken);
  const close = once(async () => {
    stopListening?.();
    await closeGently(door, server, log);
    await images.stop();
    await home.close();
    await service.encoder.dispose();
  });
  // Before anybody is told of the server: what is told can be answered with a signal.
  const stopListening = options.signals === false ? undefined : closeOnSignals(close, log);
  if (options.port === undefined && address.port !== DEFAULT_PORT) {
    log(`port ${DEFAULT_PORT} is in use; took ${address.port}`);
  }
  log(`${service.model.name}: ${ownerUrl}`);
  if (options.open) openBrowser(ownerUrl);
  return { url, ownerUrl, close };
}
