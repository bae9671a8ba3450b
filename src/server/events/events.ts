/** Milliseconds between two signs of life of a stream in which nothing happens. */
const BEAT_MS = 15_000;
/** For how long a client may leave what is sent unread, in milliseconds. */
const UNREAD_MS = 60_000;
/** After how many milliseconds a browser whose stream has ended comes again. */
const RETRY_MS = 1000;

const utf8 = new TextEncoder();

/** A stream of server-sent events. */
export interface Events {
  readonly stream: ReadableStream<Uint8Array>;
  /**
   * Sends the latest of something, in place of an earlier one of the same key that the client has not read yet: a client
   * that reads slowly, or not at all, misses what is out of date and takes no memory.
   * @param data is asked for when it is sent; undefined sends nothing
   */
  send(name: string, key: string, data: () => unknown): void;
  /** Ends it at once. */
  end(): void;
}

const textOf = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** @param ended called once */
export function createEvents(ended: () => void): Events {
  const waiting = new Map<string, { readonly name: string; readonly data: () => unknown }>();
  /** What goes out before the events: comments that nobody acts on. */
  let comment: string | undefined = `retry: ${RETRY_MS}\n\n`;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let wantsMore: (() => void) | undefined;
  let unread: NodeJS.Timeout | undefined;

  const close = () => {
    if (!controller) return false;
    controller = undefined;
    clearInterval(beat);
    clearTimeout(unread);
    waiting.clear();
    wantsMore?.();
    ended();
    return true;
  };
  const end = () => {
    const open = controller;
    if (close()) open?.close();
  };

  function nextText(): string | undefined {
    if (comment !== undefined) {
      const text = comment;
      comment = undefined;
      return text;
    }
    for (const [key, { name, data }] of waiting) {
      waiting.delete(key);
      const value = data();
      if (value !== undefined) return textOf(name, value);
    }
    return undefined;
  }

  /** Something waits: it goes out where the client reads, else it has a while to. */
  function offer(): void {
    if (wantsMore) wantsMore();
    else unread ??= setTimeout(end, UNREAD_MS);
  }

  const stream = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      async pull(given) {
        clearTimeout(unread);
        unread = undefined;
        let text = nextText();
        while (text === undefined && controller) {
          await new Promise<void>((resolve) => {
            wantsMore = resolve;
          });
          wantsMore = undefined;
          text = nextText();
        }
        if (controller && text !== undefined) given.enqueue(utf8.encode(text));
      },
      cancel() {
        close();
      },
    },
    { highWaterMark: 1 },
  );

  const beat = setInterval(() => {
    comment ??= ':\n\n';
    offer();
  }, BEAT_MS);
  beat.unref();

  return {
    stream,
    send(name, key, data) {
      if (!controller) return;
      waiting.set(key, { name, data });
      offer();
    },
    end,
  };
}
