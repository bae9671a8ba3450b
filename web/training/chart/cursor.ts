/** The update at which somebody reads charts: all charts of a view show theirs. */
export interface Cursor {
  /** Undefined: nowhere, and charts say what comes last. */
  set(step: number | undefined): void;
  /** Calls with each place until the returned function is called. */
  watch(moved: (step: number | undefined) => void): () => void;
}

export function createCursor(): Cursor {
  const watchers = new Set<(step: number | undefined) => void>();
  return {
    set(step) {
      for (const moved of watchers) moved(step);
    },
    watch(moved) {
      watchers.add(moved);
      return () => watchers.delete(moved);
    },
  };
}
