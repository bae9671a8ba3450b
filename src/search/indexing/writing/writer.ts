import type { Change } from '../../collection/change.ts';
import type { Collection } from '../../collection/collection.ts';
import type { PartlyRead } from '../summary/partlyRead.ts';

/** Writes changes in batches, while the next ones are being made. */
export interface Writer {
  /** @param onWritten called when they are in the collection */
  add(changes: readonly Change[], onWritten?: () => void): void;
  /** Whether so much, or for so long, waits that it should be written. */
  isDue(): boolean;
  /** Begins to write all that waits; ends when what was begun before is written. */
  flush(): Promise<void>;
  /** Writes all that waits. */
  finish(): Promise<void>;
}

/** What a kill may cost: so many seconds of work. */
const SECONDS = 3;
/** With quick models so many pictures come at once, and a write a second is enough. */
const PICTURES = 64;
const QUICK_SECONDS = 1;
/** Changes that wait in memory. */
const MOST = 1024;

export function createWriter(
  collection: Collection,
  model: number,
  partly: Pick<PartlyRead, 'save'>,
  now = () => performance.now(),
): Writer {
  let waiting: Change[] = [];
  let listeners: (() => void)[] = [];
  let pictures = 0;
  let since = now();
  let writing: Promise<void> = Promise.resolve();

  async function write(changes: readonly Change[], written: readonly (() => void)[]): Promise<void> {
    await partly.save();
    await collection.write(model, changes);
    for (const listener of written) listener();
  }

  const writer: Writer = {
    add(changes, onWritten) {
      waiting.push(...changes);
      for (const change of changes) if (change.kind === 'file') pictures += change.pictures.length;
      if (onWritten) listeners.push(onWritten);
    },
    isDue() {
      if (waiting.length === 0) return false;
      const seconds = (now() - since) / 1000;
      return (
        seconds >= SECONDS || waiting.length >= MOST || (pictures >= PICTURES && seconds >= QUICK_SECONDS)
      );
    },
    async flush() {
      await writing;
      since = now();
      if (waiting.length === 0) return;
      writing = write(waiting, listeners);
      // It surfaces where it is awaited, with the next batch.
      writing.catch(() => {});
      waiting = [];
      listeners = [];
      pictures = 0;
    },
    async finish() {
      await writer.flush();
      await writing;
    },
  };
  return writer;
}
