import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { EXIT, exitCodeOf, formatError } from './support/errors.ts';
import { type CliIo, note } from './support/io.ts';

/** Imported when they are called for: the engine, the image decoder and the server take a second to load. */
const COMMANDS = {
  embed: () => import('./encoder/embed.ts'),
  score: () => import('./encoder/score.ts'),
  classify: () => import('./encoder/classify.ts'),
  caption: () => import('./encoder/caption.ts'),
  train: () => import('./train/train.ts'),
  report: () => import('./train/report.ts'),
  finetune: () => import('./finetune/finetune.ts'),
  evaluate: () => import('./evaluate/evaluate.ts'),
  annotate: () => import('./data/annotate.ts'),
  debias: () => import('./data/debias.ts'),
  trim: () => import('./checkpoint/trim.ts'),
  export: () => import('./checkpoint/export.ts'),
  serve: () => import('./serve.ts'),
} as const;

const isCommand = (name: string | undefined): name is keyof typeof COMMANDS =>
  name !== undefined && Object.hasOwn(COMMANDS, name);

const VERBOSE = '--verbose';

function packageVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8'))).version;
}

/** The program with the command that is called, or with all of them for help. */
async function createProgram(called: string | undefined, io: CliIo): Promise<Command> {
  const program = new Command('siglip2')
    .description('SigLIP 2: images and texts of any language in one space.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .configureHelp({ helpWidth: io.stderr.columns ?? 100 })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) =>
        write(
          `siglip2: ${text
            .replace(/^error: /, '')
            .trim()
            .replace(/\n/g, ' ')}\n`,
        ),
    });
  const modules = isCommand(called) ? [COMMANDS[called]] : Object.values(COMMANDS);
  for (const load of modules) (await load()).register(program, io);
  for (const command of program.commands) command.option(VERBOSE, 'show the stack of an error');
  return program;
}

/**
 * Runs the command line in this process.
 * @param args what follows the program's name.
 * @returns the exit code: 0; 1 when the command failed; 2 when it was called wrongly; 3 when all is done but more inputs were
 *   bad than allowed; 130 when it was interrupted.
 */
export async function run(args: readonly string[], io: CliIo): Promise<number> {
  try {
    const program = await createProgram(args[0], io);
    await program.parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Commander has written its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    note(io, `siglip2: ${formatError(error, args.includes(VERBOSE))}`);
    return exitCodeOf(error);
  }
}
