/**
 * An action that runs once at a time: asked for while it runs, it runs once more after that.
 * @param action does not throw
 */
export function oneAtATime(action: () => Promise<void>): () => void {
  let isRunning = false;
  let isAsked = false;
  const run = async () => {
    isRunning = true;
    while (isAsked) {
      isAsked = false;
      await action();
    }
    isRunning = false;
  };
  return () => {
    isAsked = true;
    if (!isRunning) void run();
  };
}
