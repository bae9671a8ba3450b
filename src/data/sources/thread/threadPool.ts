import { type WatchedThread, watchedThread } from './watchedThread.ts';

/** Threads of one kind, of which a few wait for the next file: starting one takes longer than reading a small file. */
export interface ThreadPool {
  /** A thread that waited, or a new one. Give it back with {@link giveBack}. */
  take(): WatchedThread;
  /** Keeps the thread for later, or ends it where it is busy or enough are kept. */
  giveBack(thread: WatchedThread): Promise<void>;
}

const MAX_IDLE = 2;

/** @param module as of {@link watchedThread} */
export function threadPool(module: URL): ThreadPool {
  const idle: WatchedThread[] = [];
  return {
    take() {
      for (let thread = idle.pop(); thread; thread = idle.pop()) if (thread.isIdle()) return thread;
      return watchedThread(module);
    },
    async giveBack(thread) {
      if (thread.isIdle() && idle.length < MAX_IDLE) idle.push(thread);
      else await thread.stop();
    },
  };
}

/**
 * A module beside another, for a thread: TypeScript in a checkout, JavaScript when built.
 * @param url the other's `import.meta.url`
 */
export const threadModule = (name: string, url: string): URL =>
  new URL(`./${name}${url.slice(url.lastIndexOf('.'))}`, url);
