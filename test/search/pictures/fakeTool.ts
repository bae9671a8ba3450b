import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PATH on which there are only the programs that a test puts there: shell scripts. */
export function ownPath() {
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-tools-'));
  const before = process.env['PATH'];
  let names = 0;
  return {
    folder,
    /** @param scripts by the program's name; they find nothing but their shell's own commands */
    set(scripts: Readonly<Record<string, string>>): void {
      // A folder of its own each time: what is found is remembered by the PATH.
      const bin = mkdtempSync(join(folder, `bin-${names++}-`));
      for (const [name, text] of Object.entries(scripts)) {
        writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
        chmodSync(join(bin, name), 0o755);
      }
      process.env['PATH'] = bin;
    },
    /** The PATH as it was. */
    real(): void {
      process.env['PATH'] = before;
    },
    remove(): void {
      process.env['PATH'] = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
