import { type WatchedThread, watchedThread } from '../thread/watchedThread.ts';

/** Threads that wait for the next file: starting one takes longer than reading a small file. */
const MAX_IDLE = 2;
const idle: WatchedThread[] = [];

/** The extension of this file: TypeScript in a checkout, JavaScript when built. */
const MODULE = new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);

/** A thread that reads parquet files; give it back with {@link giveBackThread}. */
export function takeThread(): WatchedThread {
  for (let thread = idle.pop(); thread; thread = idle.pop()) if (thread.isIdle()) return thread;
  return watchedThread(MODULE);
}

/** Keeps the thread for later, or ends it where it is busy or enough are kept. */
export async function giveBackThread(thread: WatchedThread): Promise<void> {
  if (thread.isIdle() && idle.length < MAX_IDLE) idle.push(thread);
  else await thread.stop();
}
