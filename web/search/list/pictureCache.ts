import type { Picture } from '../../shared/collections.ts';
import { picturesOf } from '../../shared/collections.ts';

/** Milliseconds to wait while somebody scrolls on. */
const PAUSE = 60;
const MOST_ASKED = 300;
/** Pictures that are kept. */
const MOST_KEPT = 20_000;

/** What is known of the pictures of a collection; what is seen and not known yet is asked for. */
export class PictureCache {
  readonly #collection: string;
  readonly #signal: AbortSignal;
  readonly #onMore: (error?: Error) => void;
  readonly #known = new Map<number, Picture | null>();
  #wanted: readonly number[] = [];
  #isAsking = false;

  /** @param onMore more is known now, or cannot be known */
  constructor(collection: string, onMore: (error?: Error) => void, signal: AbortSignal) {
    this.#collection = collection;
    this.#onMore = onMore;
    this.#signal = signal;
  }

  /** Undefined until it is known; null where it is gone. */
  get = (id: number): Picture | null | undefined => this.#known.get(id);

  add(pictures: readonly Picture[]): void {
    for (const picture of pictures) this.#known.set(picture.id, picture);
    const tooMany = this.#known.size - MOST_KEPT;
    if (tooMany > 0) for (const id of [...this.#known.keys()].slice(0, tooMany)) this.#known.delete(id);
  }

  /** These are seen now. Those of a moment ago are no longer asked for. */
  want(ids: readonly number[]): void {
    this.#wanted = ids;
    if (!this.#isAsking) void this.#ask();
  }

  #missing(): number[] {
    return this.#wanted.filter((id) => !this.#known.has(id)).slice(0, MOST_ASKED);
  }

  async #ask(): Promise<void> {
    if (this.#missing().length === 0) return;
    this.#isAsking = true;
    try {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        const ids = this.#missing();
        if (ids.length === 0 || this.#signal.aborted) break;
        const pictures = await picturesOf(this.#collection, ids, this.#signal);
        for (const id of ids) this.#known.set(id, null);
        this.add(pictures);
        this.#onMore();
      }
    } catch (error) {
      if (!this.#signal.aborted) this.#onMore(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#isAsking = false;
    }
  }
}
