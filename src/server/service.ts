import type { Encoder } from '../encoder/encoder.ts';
import type { Bundle } from '../search/bundle/bundle.ts';
import type { Access } from './access/access.ts';
import type { Authentication } from './access/authentication.ts';
import type { ServedCollections } from './collections/served.ts';
import type { ImageReader } from './decode/imageReader.ts';
import type { EventStreams } from './events/eventStreams.ts';
import type { FetchImage } from './imageUrls/fetchImage.ts';
import type { Indexing } from './jobs/indexing.ts';
import type { Jobs } from './jobs/job.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { ModelInfo } from './modelInfo.ts';
import type { Models } from './models/models.ts';
import type { Reception } from './requests/receive.ts';
import type { Runs } from './runs/runs.ts';

/** What the routes work with. */
export interface Service {
  readonly encoder: Encoder;
  readonly model: ModelInfo;
  /** The pictures beside the model, for `/api/search`. */
  readonly bundle?: Bundle;
  /** Collections to search: the pictures beside the model, and those of a store. */
  readonly collections?: ServedCollections;
  /** Default: whoever reaches the server may ask, and nobody may index folders. */
  readonly access?: Access;
  /** Fetches images that requests name by their addresses. Default: such requests are refused. */
  readonly fetchImage?: FetchImage;
  /** Long work that the page began; none where nobody may begin any. */
  readonly jobs?: Jobs;
  /** @internal Figures for Prometheus, at `/metrics`. */
  readonly metrics?: Metrics;
  /** A folder of training runs, to show. */
  readonly runs?: string;
  /** The folder of the page's files; none for the API alone. */
  readonly page?: string;
  /** Host names to answer to besides `localhost` and addresses. */
  readonly allowedHosts?: readonly string[];
  /** Receives failures that are the server's. Default: standard error. */
  readonly log?: (line: string) => void;
  /** @internal What waiting requests and their bodies may use. Default: as `SHARED` says. */
  readonly reception?: Reception;
  /** @internal Serves another model in place of this one. Default: nobody may change it. */
  readonly models?: Models;
  /** @internal Indexes folders. Default: nobody may. */
  readonly indexing?: Indexing;
  /** @internal Reads runs. Default: those of `runs`. */
  readonly runReader?: Runs;
  /** @internal Streams of events. Default: some of its own. */
  readonly events?: EventStreams;
  /** @internal Looks at keys. Default: as `access` says. */
  readonly authentication?: Authentication;
  /** @internal Decodes uploaded images. Default: one of its own, whose threads end with the process. */
  readonly images?: ImageReader;
}

/** A service with all that its routes need. */
export type Work = Service &
  Required<Pick<Service, 'reception' | 'images' | 'authentication' | 'events' | 'runReader'>>;
