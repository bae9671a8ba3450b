import type { Encoder } from '../encoder/encoder.ts';
import type { Bundle } from '../search/bundle/bundle.ts';
import type { ImageReader } from './decode/imageReader.ts';
import type { ModelInfo } from './modelInfo.ts';
import type { Reception } from './requests/receive.ts';

/** What the routes work with. */
export interface Service {
  readonly encoder: Encoder;
  readonly model: ModelInfo;
  readonly collection?: Bundle;
  /** The folder of the page's files; none for the API alone. */
  readonly page?: string;
  /** Host names to answer to besides `localhost` and addresses. */
  readonly allowedHosts?: readonly string[];
  /** Receives failures that are the server's. Default: standard error. */
  readonly log?: (line: string) => void;
  /** @internal What waiting requests and their bodies may use. Default: as `SHARED` says. */
  readonly reception?: Reception;
  /** @internal Decodes uploaded images. Default: one of its own, whose threads end with the process. */
  readonly images?: ImageReader;
}

/** A service with all that its routes need. */
export type Work = Service & Required<Pick<Service, 'reception' | 'images'>>;
