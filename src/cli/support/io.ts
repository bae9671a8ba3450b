/** Where a command reads and writes: the process's streams, or a test's. */
export interface CliIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly stdin: AsyncIterable<string | Uint8Array>;
  /** Calls back once, at the first SIGINT or SIGTERM; the next one ends the process. Returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The process's own streams and signals. */
export const processIo = (): CliIo => ({
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  onInterrupt(listener) {
    const stop = () => {
      for (const signal of SIGNALS) process.off(signal, handle);
    };
    const handle = () => {
      stop();
      listener();
    };
    for (const signal of SIGNALS) process.on(signal, handle);
    return stop;
  },
});

/** Writes one line of a command's result. */
export const print = (io: CliIo, line: string): void => {
  io.stdout.write(`${line}\n`);
};

/** Writes one line for the person at the terminal, apart from the result. */
export const note = (io: CliIo, line: string): void => {
  io.stderr.write(`${line}\n`);
};

/** One JSON value per line. */
export const printJson = (io: CliIo, value: unknown): void => print(io, JSON.stringify(value));
