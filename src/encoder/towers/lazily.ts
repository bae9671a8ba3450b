import type { Session } from '../../tensor/index.ts';

/** A session that is started when it is first needed. */
export interface LazySession {
  get(): Promise<Session>;
  /** Frees the session, if it was started. */
  dispose(): Promise<void>;
}

/** Starts a session on first use and remembers it; one that could not start is tried again at the next use. */
export function lazily(create: () => Promise<Session>): LazySession {
  let session: Promise<Session> | undefined;
  return {
    get() {
      session ??= create().catch((error: unknown) => {
        session = undefined;
        throw error;
      });
      return session;
    },
    async dispose() {
      await (await session)?.dispose();
    },
  };
}
