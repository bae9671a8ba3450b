import type { Encoder } from '../../encoder/encoder.ts';
import { indexPictures } from '../../search/indexing/indexPictures.ts';
import type { IndexProgress } from '../../search/indexing/options.ts';
import { storeOf } from '../../search/stores/stores.ts';
import { inBackground } from '../batching/inBackground.ts';
import { BUNDLE_NAME } from '../collections/serveBundle.ts';
import { badRequest, RequestError } from '../requests/errors.ts';
import { problemsOf, summaryText } from './indexReport.ts';
import { isLive, type Job, type Jobs, type JobWork } from './job.ts';
import { namedFolder } from './namedFolder.ts';

/** What somebody asks to be indexed. */
export interface IndexRequest {
  readonly collection: string;
  readonly folder: string;
  /** Seconds between two frames of a video. Default: videos are left out. */
  readonly framesEvery?: number | undefined;
  readonly pages?: boolean | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** Indexes folders and removes collections for the one who started the server. */
export interface Indexing {
  /** @throws HTTPException 400 where the folder is none that can be indexed, or the collection's name is taken */
  start(request: IndexRequest): Promise<Job>;
  /** @throws HTTPException 404 where there is no such collection, 409 while it is indexed, 400 for one that is only read */
  remove(name: string): Promise<void>;
}

export interface IndexingOptions {
  readonly jobs: Jobs;
  /** Where collections are kept. */
  readonly location: string;
  /** The model that is served when a job begins, and what collections call it. */
  readonly model: () => { readonly encoder: Encoder; readonly storedName: string };
  /** Closes what the server has open of a collection. */
  readonly forget: (name: string) => Promise<void>;
}

const STAGES: Readonly<Record<IndexProgress['stage'], string>> = {
  list: 'listing',
  compare: 'comparing',
  embed: 'embedding',
};

/** Brings the collection to what the folder holds, by the model that is served then. */
const workOf =
  (
    { location, model }: IndexingOptions,
    { collection: name, framesEvery, ...asked }: IndexRequest,
  ): JobWork =>
  async (report, signal) => {
    const { encoder, storedName } = model();
    report({ stage: STAGES.list });
    const collection = await storeOf(location).open(location, { name, create: true });
    try {
      const summary = await indexPictures(collection, inBackground(encoder), [asked.folder], {
        modelName: storedName,
        pictures: { pages: asked.pages, ...(framesEvery && { frames: { everySeconds: framesEvery } }) },
        exclude: asked.exclude,
        insideOnly: true,
        signal,
        onProgress: ({ stage, done, total }) => report({ stage: STAGES[stage], done, total }),
      });
      const rest = summary.isStopped ? '; what is done is kept: index the folder again to go on' : '';
      report({ summary: `${summaryText(summary)}${rest}`, problems: problemsOf(summary) });
      if (summary.isStopped) signal.throwIfAborted();
    } finally {
      await collection.close();
    }
  };

export function createIndexing(options: IndexingOptions): Indexing {
  const { jobs, location, forget } = options;
  return {
    async start(request) {
      const { collection } = request;
      if (collection === BUNDLE_NAME)
        throw badRequest(`collection: ${BUNDLE_NAME} is that of the model; take another name`, 'collection');
      const folder = await namedFolder(request.folder);
      const title = `${collection}: ${folder}`;
      const about = { kind: 'index', title, collection, folder, unit: 'files' } as const;
      return jobs.start(about, workOf(options, { ...request, folder }));
    },
    async remove(name) {
      if (name === BUNDLE_NAME)
        throw badRequest(`${BUNDLE_NAME} is the collection of the model and cannot be removed`, 'name');
      const store = storeOf(location);
      const names = await store.list(location);
      if (!names.includes(name)) {
        const there = names.join(', ') || 'none';
        throw new RequestError(404, `there is no collection ${JSON.stringify(name)}; there are: ${there}`);
      }
      if (jobs.all().some((job) => job.collection === name && isLive(job)))
        throw new RequestError(409, `the collection ${name} is being indexed; stop that first`);
      await forget(name);
      await store.remove(location, name);
    },
  };
}
