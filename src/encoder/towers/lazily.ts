import type { Session } from '../../tensor/index.ts';

/** Starts a session on first use and remembers it; one that could not start is tried again at the next use. */
export function lazily(create: () => Promise<Session>) {
  let session: Promise<Session> | undefined;
  return {
    get: () => {
      session ??= create().catch((error: unknown) => {
        session = undefined;
        throw error;
      });
      return session;
    },
    dispose: async () => (await session)?.dispose(),
  };
}
