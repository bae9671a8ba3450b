import { run } from '../../src/cli/run.ts';
import type { CliIo } from '../../src/cli/support/io.ts';

/** What a command wrote and how it ended. */
export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Each line of standard output as JSON. */
  json(): Record<string, unknown>[];
}

export interface CliTestOptions {
  readonly stdin?: string;
  readonly terminal?: boolean;
  /** Called when the command listens for signals, with a function that sends one. */
  readonly onListening?: (interrupt: () => void) => void;
  /** Interrupts the command when it has written this to standard output. */
  readonly interruptAt?: string;
}

/** Runs the command line in this process. */
export async function cli(args: readonly string[], options: CliTestOptions = {}): Promise<CliResult> {
  const written = { out: '', err: '' };
  let interrupt: (() => void) | undefined;
  const io: CliIo = {
    stdout: {
      write: (text) => {
        written.out += text;
        if (options.interruptAt !== undefined && text.includes(options.interruptAt)) interrupt?.();
      },
    },
    stderr: {
      write: (text) => {
        written.err += text;
      },
      isTTY: options.terminal ?? false,
      columns: 200,
    },
    // Two chunks that cut a character in half, as a pipe may.
    stdin: (async function* () {
      const bytes = Buffer.from(options.stdin ?? '');
      yield bytes.subarray(0, 1);
      yield bytes.subarray(1);
    })(),
    onInterrupt(listener) {
      interrupt = listener;
      options.onListening?.(listener);
      return () => {};
    },
  };
  const code = await run(args, io);
  const lines = () => written.out.trimEnd().split('\n');
  return { code, ...written, json: () => lines().map((line) => JSON.parse(line)) };
}
