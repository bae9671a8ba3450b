/** Milliseconds until a refused stream is asked for again. */
const AGAIN = 3000;

/**
 * Follows a stream of events for as long as the page is looked at: a browser has few connections to one server, and tabs
 * in the back would take them all. What was missed comes when it is looked at again, since a stream begins with how things are.
 * @param event the name of the events
 * @param receive takes what an event holds
 * @param changed hears whether the stream is there
 * @returns what ends it
 */
export function live(
  address: string,
  event: string,
  receive: (data: unknown) => void,
  changed: (isConnected: boolean) => void = () => {},
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    if (document.hidden) return;
    const opened = new EventSource(address);
    source = opened;
    opened.addEventListener('open', () => changed(true));
    opened.addEventListener(event, ({ data }) => receive(JSON.parse(data)));
    opened.addEventListener('error', () => {
      changed(false);
      // A browser tries again by itself where the connection breaks, but not where the answer was no.
      if (opened.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN);
    });
  };
  document.addEventListener('visibilitychange', open);
  open();
  return () => {
    document.removeEventListener('visibilitychange', open);
    close();
  };
}
