/** Long work that somebody began on the page: indexing folders, or loading a model. */
export interface Job {
  readonly id: string;
  readonly kind: 'index' | 'model';
  /** For people: the collection and the folder, or the model. */
  readonly title: string;
  /** The collection that is indexed. */
  readonly collection?: string | undefined;
  /** @internal The folder that its texts name: it is not told as a field of its own. */
  readonly folder?: string | undefined;
  readonly state: 'waiting' | 'running' | 'done' | 'stopped' | 'failed';
  /** What is being done, in a word or two: listing, comparing, embedding, downloading, loading. */
  readonly stage: string;
  readonly done: number;
  /** Undefined while it is not known. */
  readonly total?: number | undefined;
  readonly unit: 'files' | 'bytes';
  /** Units a second, of late. */
  readonly rate?: number | undefined;
  /** Seconds that are left. */
  readonly remaining?: number | undefined;
  /** What it did, in a sentence; when it has ended. */
  readonly summary?: string | undefined;
  /** What went wrong in part (files that cannot be read), by reason: file names, at most ten each. */
  readonly problems?:
    | readonly { readonly reason: string; readonly count: number; readonly examples: readonly string[] }[]
    | undefined;
  /** Why it failed, and what to do. */
  readonly error?: string | undefined;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ended?: number | undefined;
}

/** Whether a job has not ended yet. */
export const isLive = ({ state }: Pick<Job, 'state'>): boolean => state === 'waiting' || state === 'running';

/** Work that a job does. It reports, and rejects soon after the signal, unless all was done by then. */
export type JobWork = (
  report: (now: Partial<Pick<Job, 'stage' | 'done' | 'total' | 'summary' | 'problems'>>) => void,
  signal: AbortSignal,
) => Promise<void>;

/** Jobs of one server, one at a time, in their order. What has ended is kept until there are many. */
export interface Jobs {
  all(): readonly Job[];
  /** @throws HTTPException 409 where too many wait */
  start(job: Pick<Job, 'kind' | 'title' | 'collection' | 'folder' | 'unit'>, work: JobWork): Job;
  /** @returns whether there is such a job, which has not ended yet */
  stop(id: string): boolean;
  /** Calls with each change of a job, a few times a second at most, until the returned function is called. */
  watch(changed: (job: Job) => void): () => void;
  /** Begins nothing more, stops what runs, and waits for it. */
  close(): Promise<void>;
}
