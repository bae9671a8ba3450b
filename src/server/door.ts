import { ServerResponse } from 'node:http';
import { getPath } from 'hono/utils/url';
import { hold } from './hold.ts';
import type { Handler } from './listen.ts';
import { signsOfLife } from './metrics/signsOfLife.ts';
import { asksForPage, startingPage } from './page/startingPage.ts';
import { refusal } from './requests/errors.ts';

/**
 * What stands before the app for as long as the server listens: 503 until it is open, and once it is closing. It answers
 * `/health` and `/ready` itself.
 */
export interface Door {
  readonly handler: Handler;
  /**
   * Lets requests in, from now on to this handler.
   * @returns when the last request of the handler before has its answer
   */
  open(handler: Handler): Promise<void>;
  /**
   * Lets nobody in any more and waits for the answers to those who are inside.
   * @returns how many had no answer when the time was over
   */
  close(milliseconds: number): Promise<number>;
}

const unavailable = (request: Request, message: string): Response => refusal(getPath(request), 503, message);

/** Counts things that are under way, and tells when there are none. */
function createCounter() {
  let count = 0;
  let whenNone: (() => void) | undefined;
  return {
    count: () => count,
    add() {
      count++;
      return () => {
        count--;
        if (count === 0) whenNone?.();
      };
    },
    none: () =>
      new Promise<void>((resolve) => {
        if (count === 0) resolve();
        else whenNone = resolve;
      }),
  };
}

/**
 * A door that is closed at first, because the model is still loading.
 * @param refused told why somebody was not let in
 */
export function createDoor(refused: (reason: 'starting' | 'stopping') => void = () => {}): Door {
  const inside = createCounter();
  let open: { readonly handler: Handler; readonly inside: ReturnType<typeof createCounter> } | undefined;
  let closing = false;

  const enter: Handler = async (request, env) => {
    const { outgoing } = env;
    const sign = signsOfLife(getPath(request), closing ? 'stopping' : open ? 'ready' : 'starting');
    if (sign) return sign;
    // Its connection is of no more use, and says so.
    const endConnection = () => {
      if (closing && outgoing instanceof ServerResponse) outgoing.shouldKeepAlive = false;
    };
    if (closing) {
      endConnection();
      refused('stopping');
      return unavailable(request, 'the server is stopping; ask again when it has started anew');
    }
    if (!open) {
      refused('starting');
      if (asksForPage(request)) return startingPage();
      const message = 'the server is starting: its model is still loading; ask again in a moment';
      return unavailable(request, message);
    }
    const { handler, inside: own } = open;
    hold(outgoing, [inside.add(), own.add()]);
    const response = await handler(request, env);
    endConnection();
    return response;
  };

  return {
    handler: enter,
    async open(handler) {
      const before = open;
      open = { handler, inside: createCounter() };
      await before?.inside.none();
    },
    async close(milliseconds) {
      closing = true;
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, milliseconds);
      });
      await Promise.race([inside.none(), over]);
      clearTimeout(timer);
      return inside.count();
    },
  };
}
