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

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Control characters, line ends, and what turns the direction of the text that follows. */
const HIDDEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function written(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return (
    NAMED[character] ?? (code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`)
  );
}

/**
 * A text as a person may see it: characters that a terminal would obey are written out. Names of files may have any, and
 * whoever sends a picture chooses its name.
 */
export const visible = (text: string): string => text.replace(HIDDEN, written);

/** Writes one line of a command's result. */
export const print = (io: CliIo, line: string): void => {
  io.stdout.write(`${line}\n`);
};

/** Writes one line for the person at the terminal, apart from the result. */
export const note = (io: CliIo, line: string): void => {
  io.stderr.write(`${line.split('\n').map(visible).join('\n')}\n`);
};

/** One JSON value per line. */
export const printJson = (io: CliIo, value: unknown): void => print(io, JSON.stringify(value));
