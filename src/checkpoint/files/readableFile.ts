import { close, fstat, open, read, type Stats, stat } from 'node:fs';
import { promisify } from 'node:util';

const call = {
  open: promisify(open),
  close: promisify(close),
  fstat: promisify(fstat),
  stat: promisify(stat),
  read: promisify(read),
};

/** Linux transfers at most this many bytes (2^31 − 4096) in one call. */
const MAX_READ = 2 ** 30;

/**
 * Closes what its owner let go without closing it. A number and not a `FileHandle`: Node warns when it collects an open
 * one of those, and from version 25 on ends the process.
 */
const abandoned = new FinalizationRegistry<number>((descriptor) => close(descriptor, () => undefined));

/** A file that is open for reading until it is closed, or nothing refers to it any more. */
export class ReadableFile {
  readonly path: string;
  readonly #descriptor: number;
  /** As it was opened. */
  readonly #opened: Stats;
  #closed = false;

  private constructor(path: string, descriptor: number, opened: Stats) {
    this.path = path;
    this.#opened = opened;
    this.#descriptor = descriptor;
    abandoned.register(this, descriptor, this);
  }

  /** @throws the operating system's error when it cannot be opened */
  static async open(path: string): Promise<ReadableFile> {
    const descriptor = await call.open(path, 'r');
    return new ReadableFile(path, descriptor, await call.fstat(descriptor));
  }

  /** What the operating system said of the file when it was opened. */
  get stat(): Stats {
    return this.#opened;
  }

  /** Whether its path still leads to the same bytes: it may have been written since, or another put in its place. */
  async isUnchanged(): Promise<boolean> {
    const found = await call.stat(this.path).catch(() => undefined);
    return (['dev', 'ino', 'size', 'mtimeMs'] as const).every(
      (field) => this.#opened[field] === found?.[field],
    );
  }

  /**
   * Reads into `target` from a position in the file.
   * @returns bytes read: fewer than `target` has where the file ends, 0 behind its end
   */
  async read(target: Uint8Array, at: number): Promise<number> {
    let done = 0;
    while (done < target.length) {
      this.#assertOpen();
      const length = Math.min(MAX_READ, target.length - done);
      const { bytesRead } = await call.read(this.#descriptor, target, done, length, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    // Named after the calls, so that a file in use is not collected.
    this.#assertOpen();
    return done;
  }

  /** Closes the file; calls after the first do nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    abandoned.unregister(this);
    await call.close(this.#descriptor);
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error(`${this.path} is closed; open it again`);
  }
}
