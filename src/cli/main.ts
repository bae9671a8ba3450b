#!/usr/bin/env node
import { run } from './run.ts';
import { EXIT } from './support/errors.ts';
import { note, processIo } from './support/io.ts';

const io = processIo();

// `siglip2 embed … | head` closes the pipe early: not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  note(io, `siglip2: standard output cannot be written (${error.message})`);
  process.exit(EXIT.failed);
});

process.exitCode = await run(process.argv.slice(2), io);
