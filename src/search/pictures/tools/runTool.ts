import { type ChildProcess, spawn } from 'node:child_process';

export interface ToolRun {
  readonly stdout: Buffer;
}

export interface ToolSettings {
  /** Milliseconds after which it is ended. */
  readonly patience: number;
  /** Most bytes of its output that are kept; with more it is ended. */
  readonly mostOutput?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How much of what a program complains of is kept. */
const MOST_COMPLAINT = 4096;

/** The last of what a program writes to its standard error, for an error's message: one line. */
export function complaintOf(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (some: string) => {
    text = (text + some).slice(-MOST_COMPLAINT);
  });
  return () =>
    text
      .split('\n')
      // Which part of the program says it, and where that lies in memory, is no news.
      .map((line) => line.replace(/^(\[[^\]]* @ 0x[\da-f]+\] ?)+/, '').trim())
      .filter((line) => line !== '')
      .at(-1)
      ?.slice(0, 200) ?? '';
}

/**
 * Runs a program, without a shell, to its end.
 * @throws Error with its own last words where it fails, does not end or writes too much; the signal's reason
 */
export async function runTool(
  program: string,
  args: readonly string[],
  { patience, mostOutput = 2 ** 20, signal }: ToolSettings,
): Promise<ToolRun> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const complaint = complaintOf(child);
  let ended: string | undefined;
  const end = (why: string): void => {
    ended ??= why;
    child.kill('SIGKILL');
  };
  const stop = (): void => end('was stopped');
  const watch = setTimeout(() => end(`did not end within ${patience / 1000} s`), patience);
  signal?.addEventListener('abort', stop);
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > mostOutput) end('wrote too much');
    else chunks.push(chunk);
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    signal?.throwIfAborted();
    if (ended !== undefined) throw new Error(ended);
    if (code !== 0) throw new Error(complaint() || `ended with code ${code}`);
    return { stdout: Buffer.concat(chunks) };
  } finally {
    clearTimeout(watch);
    signal?.removeEventListener('abort', stop);
  }
}
