import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { commands } from './commands.ts';
import { EXIT, exitCodeOf, formatError } from './support/errors.ts';
import { type CliIo, note } from './support/io.ts';

const VERBOSE = '--verbose';

function packageVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8'))).version;
}

/** The program with the command that is called, or with all of them for help. */
async function createProgram(called: string | undefined, io: CliIo): Promise<Command> {
  const program = new Command('siglip2')
    .description('SigLIP 2: compare images with texts of any language.')
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
  const all = commands.all();
  const one = all.filter(({ name }) => name === called);
  for (const { load } of one.length > 0 ? one : all) (await load()).register(program, io);
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
