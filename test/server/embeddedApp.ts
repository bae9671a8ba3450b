import { join } from 'node:path';
import { EMBEDDED_MODEL } from '../../src/encoder/embeddedModel.ts';
import { load } from '../../src/encoder/load.ts';
import { openBundle } from '../../src/search/bundle/openBundle.ts';
import { createApp } from '../../src/server/app.ts';
import { createCollections } from '../../src/server/collections/createCollections.ts';
import { createImageReader } from '../../src/server/decode/imageReader.ts';
import { describeModel } from '../../src/server/modelInfo.ts';

async function start() {
  const encoder = await load(EMBEDDED_MODEL, { threads: 1 });
  const bundle = (await openBundle(join(EMBEDDED_MODEL, 'gallery'), encoder))!;
  const model = describeModel(EMBEDDED_MODEL, encoder);
  const home = createCollections({ location: join(import.meta.dirname, 'no collections'), log: () => {} });
  const collections = home.serving({ encoder, name: model.name, bundle });
  const images = createImageReader(encoder);
  const app = createApp({ encoder, model, bundle, collections, images, log: () => {} });
  return { app, encoder };
}

let started: ReturnType<typeof start> | undefined;

/** A server of the embedded model, without a port; one for all files that ask in this process. */
export function embeddedApp(): ReturnType<typeof start> {
  started ??= start();
  return started;
}
