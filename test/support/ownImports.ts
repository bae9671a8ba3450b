import { ownEntryPoints } from '../../src/cli/support/moduleHooks.ts';

/** An example that imports this package by name, as it imports the sources. */
export function ownImports(example: string): string {
  return Object.entries(ownEntryPoints()).reduce(
    (text, [name, url]) => text.replaceAll(`'${name}'`, JSON.stringify(url)),
    example,
  );
}
