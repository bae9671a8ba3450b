import { messageOf } from '../../data/samples/badRead.ts';
import { createPace } from '../../tensor/support/pace.ts';
import { RequestError } from '../requests/errors.ts';
import { isLive, type Job, type Jobs, type JobWork } from './job.ts';

/** Jobs that wait or run. */
const MOST_LIVE = 20;
/** Jobs that have ended and are still shown. */
const MOST_ENDED = 50;
/** Milliseconds between two reports of a job. */
const REPORT_MS = 250;
/** Milliseconds over which a rate is taken. */
const WINDOW_MS = 20_000;

interface Entry {
  job: Job;
  readonly work: JobWork;
  readonly stop: AbortController;
  /** When the job is told next; none while nothing of it is new. */
  timer: NodeJS.Timeout | undefined;
  told: number;
}

/** How a job ended. */
async function outcomeOf(work: Promise<void>, signal: AbortSignal): Promise<Partial<Job>> {
  try {
    await work;
    return { state: 'done' };
  } catch (error) {
    return signal.aborted ? { state: 'stopped' } : { state: 'failed', error: messageOf(error) };
  }
}

/** Jobs of a server; none has begun. */
export function createJobs(): Jobs {
  const entries = new Map<string, Entry>();
  const watchers = new Set<(job: Job) => void>();
  let next = 1;
  let isClosed = false;
  let running: Promise<void> | undefined;

  function tell(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    entry.told = performance.now();
    for (const changed of watchers) changed(entry.job);
  }

  /** @param isNow whether it is told at once, and not after a while together with what comes */
  function change(entry: Entry, fields: Partial<Job>, isNow = true): void {
    entry.job = { ...entry.job, ...fields };
    if (isNow) tell(entry);
    else
      entry.timer ??= setTimeout(() => tell(entry), Math.max(0, REPORT_MS + entry.told - performance.now()));
  }

  function end(entry: Entry, fields: Partial<Job>): void {
    // Nothing is left, and nothing goes on.
    change(entry, { ...fields, rate: undefined, remaining: undefined, ended: Date.now() });
    const ended = [...entries.values()].filter(({ job }) => !isLive(job));
    for (const { job } of ended.slice(0, -MOST_ENDED)) entries.delete(job.id);
  }

  async function run(entry: Entry): Promise<void> {
    let paceOf = createPace(WINDOW_MS);
    change(entry, { state: 'running' });
    const work = entry.work((now) => {
      if (now.stage !== undefined && now.stage !== entry.job.stage) paceOf = createPace(WINDOW_MS);
      // A new stage counts from its beginning.
      const { done, total } = { ...entry.job, ...now };
      const { rate, remaining } = paceOf(done, total) ?? {};
      change(entry, { ...now, rate, remaining }, false);
    }, entry.stop.signal);
    end(entry, await outcomeOf(work, entry.stop.signal));
  }

  /** Runs what waits, one job after the other. */
  async function runAll(): Promise<void> {
    for (;;) {
      const entry = [...entries.values()].find(({ job }) => job.state === 'waiting');
      if (!entry) break;
      await run(entry);
    }
    running = undefined;
  }

  function stop(entry: Entry): void {
    entry.stop.abort(new Error('the job was stopped'));
    if (entry.job.state === 'waiting') end(entry, { state: 'stopped' });
  }

  return {
    all: () => [...entries.values()].map(({ job }) => job),
    start(about, work) {
      if (isClosed) throw new RequestError(503, 'the server is stopping; ask again when it has started anew');
      if ([...entries.values()].filter(({ job }) => isLive(job)).length >= MOST_LIVE)
        throw new RequestError(409, `${MOST_LIVE} jobs wait or run; wait until one has ended, or stop one`);
      const job: Job = {
        id: String(next++),
        ...about,
        ...{ state: 'waiting', stage: '', done: 0, started: Date.now() },
      };
      const entry = { job, work, stop: new AbortController(), timer: undefined, told: 0 };
      entries.set(job.id, entry);
      tell(entry);
      // Not before the caller has the job.
      running ??= Promise.resolve().then(runAll);
      return job;
    },
    stop(id) {
      const entry = entries.get(id);
      if (!entry || !isLive(entry.job)) return false;
      stop(entry);
      return true;
    },
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    async close() {
      isClosed = true;
      for (const entry of entries.values()) if (isLive(entry.job)) stop(entry);
      await running;
    },
  };
}
