import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '../../../src/encoder/load.ts';
import { indexPictures } from '../../../src/search/indexing/indexPictures.ts';
import { openCollection } from '../../../src/search/stores/stores.ts';
import { type RunningServer, serve } from '../../../src/server/serve.ts';
import { addOddFiles, madePhotographs } from './madePhotographs.ts';
import { madeRuns } from './madeRuns.ts';

/** A server with the emoji, a collection of made-up photographs, and runs. */
export interface MadeServer {
  readonly server: RunningServer;
  /** With the token of whoever started it. */
  readonly ownerUrl: string;
  readonly root: string;
  /** Folder of photographs, with files beside them that are none. */
  readonly photographs: string;
  close(): Promise<void>;
}

async function index(collections: string, photographs: string): Promise<void> {
  const encoder = await load();
  const collection = await openCollection(collections, { name: 'photos', create: true });
  try {
    await indexPictures(collection, encoder, [photographs]);
  } finally {
    await collection.close();
    await encoder.dispose();
  }
}

/** @param isIndexed whether the photographs are in the collection `photos` already */
export async function madeServer(isIndexed: boolean): Promise<MadeServer> {
  const root = mkdtempSync(join(tmpdir(), 'siglip2-page-'));
  const [photographs, collections, runs] = [
    join(root, 'photographs'),
    join(root, 'collections'),
    join(root, 'runs'),
  ];
  await madePhotographs(photographs);
  addOddFiles(photographs);
  madeRuns(runs);
  if (isIndexed) await index(collections, photographs);
  const said: string[] = [];
  const server = await serve({ port: 0, signals: false, collections, runs, log: (line) => said.push(line) });
  const ownerUrl = said.flatMap((line) => /http\S+#token=\S+/.exec(line) ?? [])[0];
  if (ownerUrl === undefined) throw new Error(`the server told no address for its owner: ${said.join('\n')}`);
  return {
    ...{ server, ownerUrl, root, photographs },
    async close() {
      await server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
