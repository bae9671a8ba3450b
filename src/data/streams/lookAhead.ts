import { callback, check, count, optional, settings } from '../../tensor/settings.ts';

export interface LookAheadOptions {
  /** Called with the milliseconds that the consumer waited for an item; 0 where it was ready. */
  readonly onWait?: (milliseconds: number) => void;
}

const lookAheadSchema = settings<LookAheadOptions>({ onWait: optional(callback()) });

/** An outcome that waits in the queue: an item, or how the source ended. */
type Outcome<T> =
  | { readonly kind: 'item'; readonly value: T }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: unknown };

/**
 * The items of `source`, of which up to `depth` are made before they are asked for. Making begins with the first
 * request. An error comes in its place, after the items before it. When the consumer stops early the source is asked
 * for nothing more and is returned; that waits for the one item that is being made.
 * @throws RangeError when `depth` is not a positive integer, or naming the option that is none; whatever the source throws.
 * @example
 * const photos = readSource(await imageFolder('photos'));
 * for await (const { key } of lookAhead(photos, 8)) console.log(key);
 */
export async function* lookAhead<T>(
  source: AsyncIterable<T>,
  depth: number,
  options: LookAheadOptions = {},
): AsyncGenerator<T, void, undefined> {
  check('depth', count, depth);
  check('lookAhead', lookAheadSchema, options);
  const iterator = source[Symbol.asyncIterator]();
  const ready: Outcome<T>[] = [];
  const bell = createBell();
  const room = createBell();
  let stopped = false;

  async function fill(): Promise<void> {
    while (!stopped) {
      const outcome = await nextOutcome(iterator);
      ready.push(outcome);
      bell.ring();
      if (outcome.kind !== 'item') return;
      while (ready.length >= depth && !stopped) await room.rung();
    }
  }

  const filling = fill();
  try {
    for (;;) {
      const from = performance.now();
      const wasReady = ready.length > 0;
      while (ready.length === 0) await bell.rung();
      options.onWait?.(wasReady ? 0 : performance.now() - from);
      const outcome = ready.shift()!;
      room.ring();
      if (outcome.kind === 'error') throw outcome.error;
      if (outcome.kind === 'end') return;
      yield outcome.value;
    }
  } finally {
    stopped = true;
    room.ring();
    await filling;
    await iterator.return?.();
  }
}

async function nextOutcome<T>(iterator: AsyncIterator<T>): Promise<Outcome<T>> {
  try {
    const { done, value } = await iterator.next();
    return done ? { kind: 'end' } : { kind: 'item', value };
  } catch (error) {
    return { kind: 'error', error };
  }
}

/** One waits until another rings. */
function createBell() {
  let wake = (): void => {};
  return {
    ring: () => wake(),
    rung: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
  };
}

/**
 * `map` of each item, in order, with up to `width` at work at once. A failure comes in its item's place.
 * @throws RangeError when `width` is not a positive integer, or naming the option that is none; whatever the source or `map` throws.
 * @example
 * const photos = readSource(await imageFolder('photos'));
 * for await (const length of mapAhead(photos, async ({ key }) => key.length, 4)) console.log(length);
 */
export async function* mapAhead<T, U>(
  source: AsyncIterable<T>,
  map: (item: T) => Promise<U>,
  width: number,
  options: LookAheadOptions = {},
): AsyncGenerator<U, void, undefined> {
  check('width', count, width);
  check('mapAhead', lookAheadSchema, options);
  async function* started() {
    for await (const item of source) {
      const work = map(item);
      // It surfaces where it is awaited, below.
      work.catch(() => {});
      yield { work };
    }
  }
  if (width === 1) {
    for await (const item of source) yield await timed(map(item), options);
    return;
  }
  // One more is awaited here.
  for await (const { work } of lookAhead(started(), width - 1)) yield await timed(work, options);
}

async function timed<T>(work: Promise<T>, { onWait }: LookAheadOptions): Promise<T> {
  const from = performance.now();
  const value = await work;
  onWait?.(performance.now() - from);
  return value;
}
