import type { Server } from 'node:http';
import type { Door } from './door.ts';
import { closeServer } from './listen.ts';
import { FINISH_MS } from './requests/limits.ts';

/** Closes on the first signal; a second one ends the process at once, as it would have without us. */
export function closeOnSignals(close: () => Promise<void>, log: (line: string) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const stop = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  function onSignal(): void {
    stop();
    log('closing');
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log(String(error));
        process.exit(1);
      },
    );
  }
  for (const signal of signals) process.on(signal, onSignal);
  return stop;
}

/** An action that is done once, however often it is asked for. */
export const once = (action: () => Promise<void>): (() => Promise<void>) => {
  let result: Promise<void> | undefined;
  return () => {
    result ??= action();
    return result;
  };
};

/** Lets what was accepted be answered, says what could not be, and frees the port. */
export async function closeGently(door: Door, server: Server, log: (line: string) => void): Promise<void> {
  const left = await door.close(FINISH_MS);
  if (left > 0) log(`${left} requests were not answered within ${FINISH_MS / 1000} s and are cut off`);
  await closeServer(server, left > 0 ? 0 : undefined);
}
