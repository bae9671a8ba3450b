import { join } from 'node:path';
import { z } from 'zod';
import { command, ROOT } from './command.ts';

const listSchema = z.object({ filename: z.string(), size: z.number(), unpackedSize: z.number() });

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Packs the checkout into a folder. @returns the tarball's path */
export function pack(folder: string): string {
  command('npm', ['run', '--silent', 'prepare'], ROOT);
  const output = command('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT);
  const [packed] = z.array(listSchema).parse(JSON.parse(output.slice(output.indexOf('['))));
  if (!packed) throw new Error('npm pack named no tarball');
  console.log(`tarball: ${megabytes(packed.size)}, unpacked ${megabytes(packed.unpackedSize)}`);
  return join(folder, packed.filename);
}
