/** Runs the newest of several calls. */
export interface Latest {
  /** @param immediately don't wait for a newer call first */
  run(immediately?: boolean): void;
  /** Drops what is under way. */
  cancel(): void;
}

/**
 * Runs the newest of several calls: a new one cancels the one before, whose answer is dropped.
 * @param delay milliseconds to wait for a newer call first
 */
export function latest<T>(
  delay: number,
  action: (signal: AbortSignal) => Promise<T>,
  onResult: (result: T) => void,
  onError: (error: Error) => void,
): Latest {
  let controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    clearTimeout(timer);
    controller.abort();
    controller = new AbortController();
  };
  const attempt = async (signal: AbortSignal) => {
    try {
      const result = await action(signal);
      if (!signal.aborted) onResult(result);
    } catch (error) {
      if (!signal.aborted) onError(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return {
    run(immediately = false) {
      cancel();
      const { signal } = controller;
      timer = setTimeout(() => attempt(signal), immediately ? 0 : delay);
    },
    cancel,
  };
}
